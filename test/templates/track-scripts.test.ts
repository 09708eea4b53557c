// The track scripts, really run: exit status and time against servers that are well, sick, hanging, cut off or absent.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  checkApiFile,
  checkApiScript,
  checkHaproxyFile,
  checkHaproxyScript,
} from '../../src/templates/track-scripts.js'
import { trackScriptTimes } from '../../src/templates/track-scripts.js'
import { inventory } from './fixtures.js'
import { expectGolden } from './golden.js'
import { temporary } from './tool.js'

const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map(async (server) => once(server.close(), 'close')))
})

/** A server that does this with a request; resolves with its port. */
const serve = async (answer: (request: string, socket: Socket) => void): Promise<number> => {
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    let request = ''
    socket.on('data', (bytes) => {
      request += bytes.toString()
      if (request.endsWith('\r\n\r\n')) answer(request, socket)
    })
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
const answers = (line: string) => serve((_, socket) => void socket.end(`${line}\r\nContent-Length: 2\r\n\r\nok`))

const at = (monitorPort: number) => {
  const plain = inventory('1.20.2')
  const { endpoint } = plain.cluster
  const haproxy = { ...endpoint.haproxy, monitorPort }
  return { ...plain, cluster: { ...plain.cluster, endpoint: { ...endpoint, haproxy } } }
}

const scripts = [
  ['check-haproxy', checkHaproxyFile, checkHaproxyScript, '/monitor'],
  ['check-api', checkApiFile, checkApiScript, '/readyz'],
] as const

describe.each(scripts)('%s', (name, place, script, path) => {
  /** As keepalived runs it: no arguments, nothing on its standard input. */
  const run = async (port: number) => {
    const started = performance.now()
    const child = spawn(temporary(place, script(at(port))), { stdio: 'ignore' })
    const [status] = (await once(child, 'exit')) as [number | null]
    return { status, seconds: (performance.now() - started) / 1000 }
  }

  it('golden', () => expectGolden(`track-scripts/${name}.sh`, script(inventory('1.20.2'))))

  it('asks for its path once and accepts 200 in either version of HTTP', async () => {
    const requests: string[] = []
    const port = await serve((request, socket) => {
      requests.push(request)
      socket.end('HTTP/1.0 200 OK\r\n\r\n')
    })
    expect((await run(port)).status).toBe(0)
    expect(requests).toEqual([`GET ${path} HTTP/1.0\r\n\r\n`])
    expect((await run(await answers('HTTP/1.1 200 OK'))).status).toBe(0)
  })

  it.each([
    'HTTP/1.1 401 Unauthorized',
    'HTTP/1.1 403 Forbidden',
    'HTTP/1.1 500 Internal Server Error',
    'HTTP/1.0 503 Service Unavailable',
    'HTTP/1.1 2000 Odd',
    '200',
    '',
  ])('fails on %j', async (line) => {
    expect((await run(await answers(line))).status).not.toBe(0)
  })

  it('fails at once when nobody listens, and when the answer is cut off', async () => {
    const port = await answers('HTTP/1.1 200 OK')
    await Promise.all(servers.splice(0).map(async (server) => once(server.close(), 'close')))
    const refused = await run(port)
    expect(refused.status).not.toBe(0)
    expect(refused.seconds).toBeLessThan(trackScriptTimes.timeout)
    expect((await run(await serve((_, socket) => void socket.destroy()))).status).not.toBe(0)
    expect(
      (await run(await serve((_, socket) => void socket.end('\u0015\u0003\u0001\u0000\u0002\u0002F')))).status,
    ).not.toBe(0)
  })

  it('ends by itself within its time when the server hangs or dawdles', async () => {
    const hangs = await serve(() => undefined)
    const dawdles = await serve((_, socket) => {
      const timer = setInterval(() => socket.write('H'), 200)
      socket.once('close', () => clearInterval(timer))
    })
    const all = await Promise.all([run(hangs), run(dawdles)])
    for (const { status, seconds } of all) {
      expect(status).not.toBe(0)
      expect(seconds).toBeGreaterThan(1)
      // Its own bound is below keepalived's; a busy machine may start and end processes late, but never by this much.
      expect(seconds).toBeLessThan(trackScriptTimes.timeout * 3)
    }
  })
})
