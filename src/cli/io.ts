// The process as the rest of the program sees it: the only file that touches process.*.
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'

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
  const { stdin, stdout, stderr, env } = process
  // `khactl plan | head`, a terminal that was closed: a reader that went away is no reason to stop a run half-way.
  for (const stream of [stdout, stderr]) stream.on('error', ignoreBrokenPipe)
  return {
    stdin,
    stdout,
    stderr,
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
      if (stderr.isTTY) stderr.write(showCursor)
      process.exit(code)
    },
  }
}

/** Whether the file of this URL is the program that node was started with, through whatever links npm made. */
export const isProgram = (url: string): boolean => {
  const started = process.argv[1]
  try {
    return started !== undefined && realpathSync(started) === fileURLToPath(url)
  } catch {
    return false
  }
}

export const programArguments = (): readonly string[] => process.argv.slice(2)

const ignoreBrokenPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}
