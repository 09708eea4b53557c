// Times a whole process with all its children: wall and CPU, measured by the shell that starts it.
import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Sample } from './bench.js'

/** The clock starts where the process does: the way into a network namespace, and this shell itself, are in no figure. */
const stopwatch = `from=$EPOCHREALTIME
"$@" >&8 2>&9
status=$?
to=$EPOCHREALTIME
{ echo "$from $to $status"; times; } >&3`

export interface Timed {
  readonly command: readonly string[]
  /** A file in /run/netns/ whose network the process gets. */
  readonly network?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Exit statuses that are no failure. */
  readonly accept?: readonly number[]
}

export interface TimedOutcome extends Sample {
  readonly cpuMs: number
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Rejects with what it printed when it ends with a status that is not accepted. */
export const timed = async ({ command, network, env, cwd, accept = [0] }: Timed): Promise<TimedOutcome> => {
  const way = network === undefined ? [] : ['nsenter', `--net=/run/netns/${network}`, '--']
  const [program = '', ...args] = [...way, 'bash', '-c', `exec 8>&1 9>&2 1>&3; ${stopwatch}`, 'bash', ...command]
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const [stdout, stderr, told] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(child.stdio[3] as Readable | null),
    new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ])
  const outcome = { ...readStopwatch(told), stdout, stderr }
  if (!accept.includes(outcome.status))
    throw new Error(
      `${command.join(' ')}: exit status ${outcome.status}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`,
    )
  return outcome
}

const text = async (stream: AsyncIterable<Uint8Array | string> | null): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

/** `FROM TO STATUS`, then bash's `times`: a line of its own times and one of its children's, each user and system. */
export const readStopwatch = (told: string): Required<Sample> & { readonly status: number } => {
  const [clock = '', , children = ''] = told.split('\n')
  const [from = Number.NaN, to = Number.NaN, status = Number.NaN] = clock.split(' ').map(Number)
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)]
  if (Number.isNaN(to - from + status) || cpu.length !== 2) throw new Error(`no times: ${told}`)
  const seconds = cpu.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0)
  return { wallMs: (to - from) * 1000, cpuMs: seconds * 1000, status }
}
