// A step whose last command has no known outcome: neither done nor failed until a look says which.
import { failureOf } from '../model/failure.js'
import { isOutcomeUnknown, KhactlError } from '../model/error.js'
import type { Failure, Verdict } from '../model/event.js'

/** A step that loses its host this often fails. */
export const mostLosses = 3

/**
 * `look`: nobody knows whether the command ran. `look-only`: a job of its own ended unseen; if it left something undone it
 * is not begun a second time before what it left is judged anew, which the next run does.
 */
export const lossOf = (error: unknown): 'look' | 'look-only' | 'none' => {
  if (isOutcomeUnknown(error)) return 'look'
  return error instanceof KhactlError && error.code === 'job.unknown' ? 'look-only' : 'none'
}

/** The failure of a step that was lost, with what the look afterwards could say of it. */
export const lostFor = (error: unknown, seen: string): Verdict => {
  const failure: Failure = failureOf(error)
  return { kind: 'failed', failure: { ...failure, message: `${failure.message}; ${seen}` } }
}

export const found = {
  done: (why: string) => `${why}; the look afterwards finds the change made`,
  again: (why: string) => `${why}; the look afterwards finds it still due: it is made again`,
} as const
