// The three streams of a far end and how it ends: an SSH channel, or a process of this machine in tests.
import type { ClientChannel } from 'ssh2'

/** How a far end says that it ended; both null: it did not say, the link broke. */
export interface Exit {
  readonly status: number | null
  readonly signal: string | null
}

/** `pty` has one stream, stdout, which carries what is written to either. */
export type Terminal = 'none' | 'pty'

export interface Wire {
  write(bytes: Uint8Array): void
  /** Ends its standard input; a terminal is hung up. */
  end(): void
  listen(ears: {
    readonly stdout: (chunk: Buffer) => void
    readonly stderr: (chunk: Buffer) => void
    readonly closed: (exit: Exit) => void
  }): void
}

export const channelWire = (channel: ClientChannel, terminal: Terminal): Wire => ({
  write: (bytes) => {
    if (channel.writable) channel.write(bytes)
  },
  end: () => {
    if (terminal === 'pty') channel.close()
    else channel.end()
  },
  listen: (ears) => {
    let exit: Exit = { status: null, signal: null }
    channel.on('data', ears.stdout)
    channel.stderr.on('data', ears.stderr)
    channel.on('error', () => undefined)
    channel.stderr.on('error', () => undefined)
    channel.on('exit', (status: number | null, signal?: string) => {
      exit = { status, signal: signal ?? null }
    })
    // Data may follow `exit`, nothing follows `close`.
    channel.on('close', () => ears.closed(exit))
  },
})
