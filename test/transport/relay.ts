// A TCP relay between a test and a server: late, silent while both ends think all is well, or cut.
import { connect, createServer, type Socket } from 'node:net'

export interface Relay {
  readonly port: number
  /** From now on every byte is swallowed, both ways, of old connections and new ones. */
  freeze(): void
  thaw(): void
  /** Bytes that went from the server to the client. */
  received(): number
  sent(): number
  /** Resets every connection there is. */
  cut(): void
  close(): Promise<void>
}

export interface Slowness {
  /** Milliseconds each way. */
  readonly delay?: number
  /** Bytes a millisecond each way. */
  readonly rate?: number
}

export const startRelay = async (to: number, { delay = 0, rate = Infinity }: Slowness = {}): Promise<Relay> => {
  let mode: 'pass' | 'swallow' = 'pass'
  const count = { received: 0, sent: 0 }
  const sockets = new Set<Socket>()

  const carry = (from: Socket, { into, as }: { into: Socket; as: keyof typeof count }): void => {
    let under = 0
    let free = 0
    let order = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      if (mode === 'swallow') return
      count[as] += chunk.length
      if (delay === 0 && rate === Infinity) {
        into.write(chunk)
        return
      }
      // As many bytes on their way as a long fat pipe holds, no more: a relay that buffers all is no slow link.
      under += chunk.length
      if (under > 4 * 1024 * 1024) from.pause()
      free = Math.max(free, performance.now()) + chunk.length / rate
      const due = free + delay
      order = order.then(async () => {
        const early = due - performance.now()
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
        under -= chunk.length
        from.resume()
        into.write(chunk)
      })
    })
    from.on('error', () => into.destroy())
    from.on('close', () => {
      sockets.delete(from)
      if (mode === 'pass') into.destroy()
    })
  }
  const server = createServer({ noDelay: true }, (client) => {
    const far = connect({ port: to, host: '127.0.0.1', noDelay: true })
    sockets.add(client).add(far)
    carry(client, { into: far, as: 'sent' })
    carry(far, { into: client, as: 'received' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    freeze: () => {
      mode = 'swallow'
    },
    thaw: () => {
      mode = 'pass'
    },
    received: () => count.received,
    sent: () => count.sent,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
