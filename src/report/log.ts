// The complete record of a run: every event, whatever is shown, in a file that only the operator can read.
import { mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino, type Level } from 'pino'
import { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import type { Sink, Stamped } from './bus.js'
import { createLogStream } from './log-stream.js'

export interface LogOptions {
  /** Made with mode 0700 when it is not there. */
  readonly directory: string
  readonly now: () => Ms
  /** `up` */
  readonly command: string
  /** Said in the first line: version, command line, platform. Must hold no secret. */
  readonly about: Readonly<Record<string, unknown>>
}

export interface RunLog {
  readonly file: string
  readonly sink: Sink
}

/** Logs of older runs beyond this many are deleted. */
const kept = 20

/**
 * One JSON object a line: `level`, `time` (ms since 1970) and `event` (docs/events.md). Written synchronously, so that the
 * last line before a crash is there; only what a walk finds to be well waits up to a fifth of a second for company. Throws KhactlError `log.unwritable`: a run without its record is not begun.
 */
export const openLog = (options: LogOptions): RunLog => {
  try {
    return open(options)
  } catch (cause) {
    throw new KhactlError('log.unwritable', {
      message: `the log of this run cannot be written to ${options.directory}`,
      exit: 'usage',
      hint: 'Set XDG_STATE_HOME to a folder that you may write to.',
      cause,
    })
  }
}

const open = ({ directory, now, command, about }: LogOptions): RunLog => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const { file, descriptor } = newFile(directory, `${new Date(now()).toISOString().replaceAll(':', '-')}-${command}`)
  const stream = createLogStream(descriptor)
  const logger = pino({ base: null, timestamp: false, level: 'debug' }, stream)
  logger.info({ time: now(), about })
  stream.flush()
  dropOld(directory)
  return {
    file,
    sink: {
      name: 'log',
      take: ({ at, ...event }) => {
        logger[levelOf(event)]({ time: at, event })
        if (!mayWait(event)) stream.flush()
      },
      close: () => stream.flush(),
    },
  }
}

/** Of a plan or a run without changes these are nearly all events there are. */
const mayWait = (event: Omit<Stamped, 'at'>): boolean => {
  const { type, verdict } = event as { type: string; verdict?: { kind: string } }
  return type === 'step-ended' ? verdict?.kind === 'ok' : type === 'step-started' || type === 'lane-ended'
}

/** Two runs that begin in one millisecond have a log each. */
const newFile = (directory: string, name: string): { readonly file: string; readonly descriptor: number } => {
  for (let number = 1; ; number += 1) {
    const file = join(directory, `${name}${number === 1 ? '' : `-${number}`}.log`)
    try {
      return { file, descriptor: openSync(file, 'wx', 0o600) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Names begin with the time, so their order is that of the runs. */
const dropOld = (directory: string): void => {
  const logs = readdirSync(directory)
    .filter((name) => /^\d{4}-\d\d-\d\dT.*\.log$/.test(name))
    .sort()
  for (const name of logs.slice(0, Math.max(0, logs.length - kept))) rmSync(join(directory, name), { force: true })
}

const levelOf = (event: Omit<Stamped, 'at'>): Level => {
  const { type, level, verdict } = event as { type: string; level?: string; verdict?: { kind: string } }
  if (type === 'failure' || (verdict && ['failed', 'unreadable', 'problem'].includes(verdict.kind))) return 'error'
  if (type === 'note' && level === 'warning') return 'warn'
  return ['output', 'command', 'command-ended', 'step-started'].includes(type) ? 'debug' : 'info'
}
