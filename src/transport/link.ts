// One login on a host, whatever client made it: channels are opened on it, and it ends.
import type { Terminal, Wire } from './wire.js'

export interface Exec {
  /** One line that every login shell understands. */
  readonly command: string
  /**
   * `pty` only for a sudo that wants one. Its wire has one stream, stdout; nothing on this side may take a byte for itself (no
   * escape character), and ending its input hangs the terminal up, since a raw one knows no end of input.
   */
  readonly terminal: Terminal
}

export interface Link {
  /**
   * Runs a command on a channel of its own. `use` is called before anything the far end says can be missed.
   * Rejects with `ssh.shell` when the server opens no channel, or no terminal, with `ssh.lost` when the connection is gone.
   */
  exec<T>(exec: Exec, use: (wire: Wire) => T): Promise<T>
  /** What the client said last, for the error of whoever finds the link gone. */
  lastError(): Error | null
  /** Resolves when the connection is no more. */
  readonly closed: Promise<void>
  /** Asks for the end of the connection. */
  end(): void
  /** Cuts the connection at once. */
  destroy(): void
}
