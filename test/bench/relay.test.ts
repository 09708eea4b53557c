// The relay that makes hosts far away: late in both directions, nothing lost, nothing out of order, turns counted.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startRelay, type Carried, type Relay } from '../../bench/harness/relay.js'

const open: (Relay | Server)[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const echo = async (): Promise<number> => {
  const server = createServer((socket) => socket.pipe(socket))
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const relayed = async (delayMs: number) => {
  const to = { host: '127.0.0.1', port: await echo() }
  const ended: Carried[] = []
  const way = { listen: { host: '127.0.0.1', port: 0 }, to }
  const relay = await startRelay([way], { delayMs, carried: (one) => ended.push(one) })
  open.push(relay)
  const socket = connect({ host: '127.0.0.1', port: relay.ports[0] ?? 0 })
  await once(socket, 'connect')
  return { socket, ended }
}

describe('a relay', () => {
  test('is late both ways: an answer takes two delays, and waiting for it is a turn', async () => {
    const { socket, ended } = await relayed(40)
    const before = performance.now()
    for (const word of ['one', 'two', 'three']) {
      socket.write(word)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toBe(word)
    }
    // A timer may be a millisecond early.
    expect(performance.now() - before).toBeGreaterThan(3 * 2 * 38)
    socket.end()
    await once(socket, 'close')
    await expect
      .poll(() => ended, { timeout: 10_000 })
      .toEqual([{ to: '127.0.0.1', turns: 3, bytesOut: 11, bytesBack: 11 }])
  })

  test('keeps every byte in its place, and passes the end on', async () => {
    const { socket } = await relayed(5)
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    for (let at = 0; at < sent.length; at += 7000) socket.write(sent.subarray(at, at + 7000))
    socket.end()
    const back: Buffer[] = []
    for await (const chunk of socket) back.push(chunk as Buffer)
    expect(Buffer.concat(back).equals(sent)).toBe(true)
  })
})
