// A Link over a client of ssh2 that has logged in.
import type { Client } from 'ssh2'
import type { Exec, Link } from './link.js'
import { lostError, noChannelError, type Stop } from './ssh-error.js'
import { channelWire, type Wire } from './wire.js'

export interface LoggedIn {
  readonly client: Client
  readonly place: Stop
  readonly lastError: () => Error | null
  readonly closed: Promise<void>
  readonly destroy: () => void
}

export const ssh2Link = ({ client, place, lastError, closed, destroy }: LoggedIn): Link => ({
  lastError,
  closed,
  destroy,
  end: () => {
    client.end()
  },
  exec: <T>({ command, terminal }: Exec, use: (wire: Wire) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const fail = (error: Error & { reason?: unknown }): void => {
        const isRefused = error.reason !== undefined || error.message.startsWith('Unable to request a pseudo-terminal')
        // Without the server's reason it is ssh2 that tells of the end of the connection.
        if (!isRefused) return reject(lostError(place, lastError() ?? error))
        return reject(noChannelError(place, { error, terminal }))
      }
      try {
        // At once: `exit` may follow in the same packet as the answer to the exec request.
        client.exec(command, { pty: terminal === 'pty' }, (error, channel) =>
          error ? fail(error) : resolve(use(channelWire(channel, terminal))),
        )
      } catch (error) {
        // ssh2 throws "Not connected" right away.
        reject(lostError(place, lastError() ?? error))
      }
    }),
})
