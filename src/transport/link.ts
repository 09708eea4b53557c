// One login on a host, whatever client made it: channels are opened on it, and it ends.
import type { Wire } from './wire.js'

export interface Link {
  /**
   * Runs a command on a channel of its own. `use` is called before anything the far end says can be missed.
   * Rejects with `ssh.shell` when the server opens no channel, with `ssh.lost` when the connection is gone.
   */
  exec<T>(command: string, use: (wire: Wire) => T): Promise<T>
  /** What the client said last, for the error of whoever finds the link gone. */
  lastError(): Error | null
  /** Resolves when the connection is no more. */
  readonly closed: Promise<void>
  /** Asks for the end of the connection. */
  end(): void
  /** Cuts the connection at once. */
  destroy(): void
}
