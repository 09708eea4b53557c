// A promise that is given only so long.
import type { Ms } from '../model/session.js'

/**
 * Starts the work after the clock: ssh2 may never call back on a half-open connection (R-S1).
 * At the deadline it rejects with what `late` makes; the work's own end is then of no interest.
 */
export const withDeadline = <T>(options: {
  readonly within: Ms
  readonly late: () => Error
  readonly work: () => Promise<T>
}): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(options.late()), options.within)
    options
      .work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
