// Notices that a connection has gone silent, which TCP alone takes a quarter of an hour to find out.
import type { Readable } from 'node:stream'
import type { Ms } from '../model/session.js'

/** This many in a row without a byte; something is asked of the far end in each. */
const silentTimes = 3

/**
 * Whatever arrives counts, not only the answers to what is asked: on a slow link these stand behind megabytes of output,
 * and ssh2's own count of them would give up a connection that works. Stops by itself when the stream closes.
 */
export const watchPulse = (
  stream: Readable,
  { every, silent }: { readonly every: Ms; readonly silent: () => void },
): void => {
  let heard = false
  let quiet = 0
  const timer = setInterval(() => {
    quiet = heard ? 0 : quiet + 1
    heard = false
    if (quiet >= silentTimes) silent()
  }, every)
  stream.on('data', () => {
    heard = true
  })
  stream.once('close', () => clearInterval(timer))
}
