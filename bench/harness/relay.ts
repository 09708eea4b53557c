// A TCP relay that makes hosts far away: every byte arrives so much later, in both directions. The kernel has no netem here.
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface Way {
  /** Where it listens. */
  readonly listen: { readonly host: string; readonly port: number }
  readonly to: { readonly host: string; readonly port: number }
}

/** One connection that has ended. */
export interface Carried {
  readonly to: string
  /** How often the near end spoke again after the far end had: what each of them waited for. */
  readonly turns: number
  readonly bytesOut: number
  readonly bytesBack: number
}

export interface Relay {
  /** As it came to listen: port 0 takes a free one. */
  readonly ports: readonly number[]
  close(): void
}

export const startRelay = async (
  ways: readonly Way[],
  { delayMs, carried = () => undefined }: { readonly delayMs: number; readonly carried?: (one: Carried) => void },
): Promise<Relay> => {
  const open = new Set<Socket>()
  const servers = await Promise.all(
    ways.map(
      ({ listen, to }) =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer({ allowHalfOpen: true }, (near) => {
            const far = connect({ ...to, allowHalfOpen: true })
            for (const socket of [near, far]) {
              open.add(socket)
              socket.on('close', () => open.delete(socket))
            }
            carry([near, far], { delayMs, ended: (count) => carried({ to: to.host, ...count }) })
          })
          server.once('error', reject)
          server.listen(listen.port, listen.host, () => resolve(server))
        }),
    ),
  )
  return {
    ports: servers.map((server) => (server.address() as { port: number }).port),
    close: () => {
      for (const server of servers) server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

const carry = (
  [near, far]: readonly [Socket, Socket],
  { delayMs, ended }: { readonly delayMs: number; readonly ended: (count: Omit<Carried, 'to'>) => void },
): void => {
  const bytes = { out: 0, back: 0 }
  let turns = 0
  let last: 'out' | 'back' = 'back'
  const later = (from: Socket, to: Socket, way: 'out' | 'back'): void => {
    from.setNoDelay(true)
    from.on('data', (chunk: Buffer) => {
      bytes[way] += chunk.length
      if (way === 'out' && last === 'back') turns += 1
      last = way
      // Timers of one length end in the order they began, so bytes keep theirs.
      setTimeout(() => !to.destroyed && to.write(chunk), delayMs)
    })
    from.on('end', () => setTimeout(() => to.end(), delayMs))
    from.on('error', () => setTimeout(() => to.destroy(), delayMs))
  }
  later(near, far, 'out')
  later(far, near, 'back')
  near.on('close', () => ended({ turns, bytesOut: bytes.out, bytesBack: bytes.back }))
}
