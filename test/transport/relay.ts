// A TCP relay that can stop forwarding without closing anything: a half-open link.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Relay {
  readonly port: number
  /** From now on every byte is swallowed, both ways, of old connections and new ones. */
  freeze(): void
  close(): Promise<void>
}

export const startRelay = async (port: number): Promise<Relay> => {
  const sockets: Socket[] = []
  let isFrozen = false
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from)
      from.on('data', (bytes) => !isFrozen && to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => !isFrozen && to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      isFrozen = true
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
