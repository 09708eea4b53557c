// The log file of a run → what was called, and its events. Pure; a line cut off by a crash is left out.
import type { ExitClass } from '../model/error.js'
import type { Stamped } from './bus.js'

export interface LoggedRun {
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number
  /** `up`; empty: it ended before it began. */
  readonly command: string
  /** The command line as it was given. */
  readonly again: string
  readonly version: string
  readonly events: readonly Stamped[]
  /** null: it was ended from outside, or is still at work. */
  readonly exit: ExitClass | null
}

/** null: the text is no log of a run. */
export const readLoggedRun = (text: string): LoggedRun | null => {
  const lines = text.split('\n').flatMap(lineOf)
  const first = lines[0]
  if (first?.about === undefined) return null
  const events = lines.flatMap(({ time, event }) => (event ? [{ ...event, at: time } as Stamped] : []))
  const begun = events.find((event) => event.type === 'run-started')
  const ended = events.findLast((event) => event.type === 'run-ended')
  return {
    started: first.time,
    ended: lines.at(-1)?.time ?? first.time,
    command: begun?.command ?? '',
    again: first.about.again ?? begun?.command ?? '',
    version: first.about.version ?? 'khactl',
    events,
    exit: ended?.exit ?? null,
  }
}

interface Line {
  readonly time: number
  readonly about?: { readonly again?: string; readonly version?: string }
  readonly event?: object
}

const lineOf = (line: string): readonly Line[] => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'time' in value ? [value as Line] : []
  } catch {
    return []
  }
}
