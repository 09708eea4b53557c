// The process as the rest of the program sees it: but for load.ts, the only file that touches process.*.
import { homedir } from 'node:os'

/** A stream to a person or a pipe. */
interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }
  /** Results: the plan, the summary, JSON. */
  readonly stdout: Output
  /** Progress, questions, errors. */
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly pid: number
  readonly home: string
  /** `node v20.20.2, linux x64` */
  readonly platform: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Calls back at every such signal until the returned function is called. */
  readonly onSignal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', act: () => void) => () => void
  /** Ends the process at once, the terminal left as it was found. */
  readonly exit: (code: number) => never
}

const showCursor = '\u001B[?25h'

export const processIo = (): Io => {
  const { env } = process
  // Node ends with 0 once nothing is left to wait for: a run that got lost must not look like one that is done.
  process.once('beforeExit', () => {
    process.exitCode = 1
    process.stderr.write(
      'khactl: the run got lost: nothing is left to wait for, but it has not ended. Please report this defect.\n',
    )
  })
  const guarded = new Set<NodeJS.WriteStream>()
  // `khactl plan | head`, a terminal that was closed: a reader that went away is no reason to stop a run half-way.
  const guard = (stream: NodeJS.WriteStream): NodeJS.WriteStream => {
    if (!guarded.has(stream)) stream.on('error', ignoreBrokenPipe)
    guarded.add(stream)
    return stream
  }
  return {
    // Node makes each of them when it is first asked for, which takes it milliseconds.
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return guard(process.stdout)
    },
    get stderr() {
      return guard(process.stderr)
    },
    env,
    cwd: process.cwd(),
    pid: process.pid,
    home: env['HOME'] ?? homedir(),
    platform: `node ${process.version}, ${process.platform} ${process.arch}`,
    now: () => Date.now(),
    onSignal: (signal, act) => {
      process.on(signal, act)
      return () => void process.off(signal, act)
    },
    exit: (code) => {
      if (process.stderr.isTTY) process.stderr.write(showCursor)
      process.exit(code)
    },
  }
}

export const programArguments = (): readonly string[] => process.argv.slice(2)

const ignoreBrokenPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}
