// A run that is over, told again from its log: the command line, what happened on which host, how it ended.
import { exitCodes } from '../model/error.js'
import { duration } from '../text/say.js'
import type { Stamped } from './bus.js'
import { createLinesSink } from './lines.js'
import type { LoggedRun } from './logged-run.js'

export interface LoggedRunView {
  /** Of one host, and what concerns all; null: everything. */
  readonly host: string | null
  /** verbose: also commands, what they print, and steps that change nothing. */
  readonly verbosity: 'normal' | 'verbose'
  readonly file: string
}

/** Ends with a newline. */
export const loggedRunText = (run: LoggedRun, { host, verbosity, file }: LoggedRunView): string => {
  const told: string[] = []
  const stream = { write: (text: string) => told.push(text) }
  const quiet = { write: (text: string) => (loud ? told.push(text) : 0) }
  let loud = false
  const options = { now: () => run.ended }
  const normal = createLinesSink({ ...options, stream, verbosity })
  const wordy = createLinesSink({ ...options, stream: quiet, verbosity: 'verbose' })
  const point = pointOf(run)
  for (const event of run.events) {
    if (host !== null && 'host' in event && event.host !== undefined && event.host !== host) continue
    // Both follow the run, so that both align the same; one of them speaks.
    loud = verbosity === 'normal' && point(event)
    wordy.take(event)
    if (!loud) normal.take(event)
  }
  normal.close?.()
  wordy.close?.()
  return [`${run.again}\n${startOf(run)}, ${run.version}, ${file}\n\n`, ...told, `\n${endOf(run)}\n`].join('')
}

/** What such a run is about, although it is said only with --verbose while it happens. */
const pointOf = ({ command, events }: LoggedRun): ((event: Stamped) => boolean) => {
  if (command === 'exec') return ({ type }) => type === 'output' || type === 'command-ended'
  const applied = events.some((event) => event.type === 'walk-started' && event.mode === 'apply')
  return (event) => !applied && event.type === 'step-ended' && ['would-change', 'unknown'].includes(event.verdict.kind)
}

/** `2026-11-21 05:12:03` by the operator's clock. */
export const startOf = ({ started }: LoggedRun): string => {
  const date = new Date(started)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}

const endOf = ({ exit, command, started, ended }: LoggedRun): string => {
  const took = duration(ended - started)
  if (exit === null) return `The log ends here, after ${took}: khactl was ended from outside, or is still at work.`
  // exec ends with the status of the command.
  return `Ended after ${took}: ${exit}${command === 'exec' ? '' : `, exit code ${exitCodes[exit]}`}.`
}
