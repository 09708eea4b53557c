// One channel of the SSH connection protocol (RFC 4254 §5): its window both ways, its streams, and how it ended.
import { byte, createReader, string, u32 } from './system-bytes.js'
import type { Mux } from './system-mux.js'
import type { Exit, Terminal, Wire } from './wire.js'

/** Message numbers of RFC 4254 §9. */
export const message = {
  open: 90,
  opened: 91,
  openFailed: 92,
  adjust: 93,
  data: 94,
  extendedData: 95,
  end: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const

/** What the server may send before it hears from us, and how much of it in one packet. */
const window = 2_097_152
const largestPacket = 32_768

/** The server said no: nothing was run. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

export interface ChannelOptions<T> {
  readonly send: Mux['send']
  /** Our number of it. */
  readonly id: number
  readonly command: string
  readonly terminal: Terminal
  readonly use: (wire: Wire) => T
  readonly opened: (value: T) => void
  /** Before it was opened. */
  readonly refused: (error: RefusedError) => void
}

export interface Channel {
  /** A packet for it, its own number already read. */
  take(kind: number, packet: Buffer): 'open' | 'closed'
  /** The connection is gone. */
  lose(): void
}

type Ears = Parameters<Wire['listen']>[0]

export const openChannel = <T>(options: ChannelOptions<T>): Channel => {
  const { send, id, terminal } = options
  let ears: Ears | null = null
  let exit: Exit = { status: null, signal: null }
  let peer = { id: 0, window: 0, packet: 0 }
  let taken = 0
  let isClosing = false
  let input: 'open' | 'ending' | 'ended' = 'open'
  /** Requests that the server has not answered yet. */
  const asked: ('terminal' | 'command')[] = []
  const waiting: Buffer[] = []

  const pump = (): void => {
    if (isClosing) return
    for (let next = waiting[0]; next && peer.window > 0; next = waiting[0]) {
      const part = next.subarray(0, Math.min(next.length, peer.window, peer.packet))
      send(message.data, u32(peer.id), string(part))
      peer.window -= part.length
      if (part.length === next.length) waiting.shift()
      else waiting[0] = next.subarray(part.length)
    }
    if (input !== 'ending' || waiting.length > 0) return
    input = 'ended'
    send(message.end, u32(peer.id))
  }
  const close = (): void => {
    if (!isClosing) send(message.close, u32(peer.id))
    isClosing = true
  }
  const wire: Wire = {
    write: (bytes) => {
      if (input !== 'open' || isClosing || bytes.length === 0) return
      waiting.push(Buffer.from(bytes))
      pump()
    },
    end: () => {
      if (terminal === 'pty') return close()
      if (input === 'open') input = 'ending'
      pump()
    },
    listen: (given) => {
      ears = given
    },
  }
  const ask = (what: 'terminal' | 'command', ...fields: readonly Buffer[]): void => {
    asked.push(what)
    send(message.request, u32(peer.id), ...fields)
  }
  const heard = (stream: 'stdout' | 'stderr', bytes: Buffer): void => {
    taken += bytes.length
    if (taken >= window / 2) {
      send(message.adjust, u32(peer.id), u32(taken))
      taken = 0
    }
    ears?.[stream](bytes)
  }
  const refuse = (why: string): void => {
    options.refused(new RefusedError(why))
    close()
  }

  send(message.open, string('session'), u32(id), u32(window), u32(largestPacket))

  const take = (kind: number, packet: Buffer): 'open' | 'closed' => {
    const read = createReader(packet)
    switch (kind) {
      case message.opened:
        peer = { id: read.u32(), window: read.u32(), packet: read.u32() }
        // Without modes: whoever wants a raw terminal says so with stty.
        if (terminal === 'pty')
          ask('terminal', string('pty-req'), byte(1), string('dumb'), ...[80, 24, 0, 0].map(u32), string(byte(0)))
        ask('command', string('exec'), byte(1), string(options.command))
        break
      case message.openFailed:
        read.u32()
        options.refused(new RefusedError(read.string().toString() || 'the server gives no reason'))
        return 'closed'
      case message.success:
        if (asked.shift() === 'command') options.opened(options.use(wire))
        break
      case message.failure:
        refuse(asked.shift() === 'terminal' ? 'it gives no terminal' : 'it runs no command')
        break
      case message.adjust:
        peer.window += read.u32()
        pump()
        break
      case message.data:
        heard('stdout', read.string())
        break
      case message.extendedData:
        read.u32()
        heard('stderr', read.string())
        break
      case message.request: {
        const name = read.string().toString()
        read.byte()
        if (name === 'exit-status') exit = { status: read.u32(), signal: null }
        if (name === 'exit-signal') exit = { status: null, signal: `SIG${read.string().toString()}` }
        break
      }
      case message.close:
        close()
        options.refused(new RefusedError('the server closed it'))
        ears?.closed(exit)
        return 'closed'
    }
    return 'open'
  }
  return { take, lose: () => ears?.closed({ status: null, signal: null }) }
}
