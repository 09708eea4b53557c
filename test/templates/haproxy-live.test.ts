// haproxy itself on the rendered file, where it is installed: which API servers are in rotation, and what the scripts say.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { apiBackend, haproxyConfig, haproxyFile, haproxySocket } from '../../src/templates/haproxy.js'
import {
  checkApiFile,
  checkApiScript,
  checkHaproxyFile,
  checkHaproxyScript,
} from '../../src/templates/track-scripts.js'
import { hostsWith } from '../../src/templates/hosts.js'
import { host, inventory } from './fixtures.js'
import { runnable, runTool, temporary, tool } from './tool.js'

const haproxy = tool('haproxy')
const answers = {
  ready: 200,
  unauthorized: 401,
  forbidden: 403,
  failing: 500,
  hanging: null,
  refusing: 'closed',
} as const
type Name = keyof typeof answers
const names = Object.keys(answers) as Name[]

describe.skipIf(haproxy === null || tool('openssl') === null)('haproxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-haproxy-'))
  const status = new Map<Name, number | null>()
  const servers: (Server | TcpServer)[] = []
  let main: ChildProcess
  let ports: { readonly api: number; readonly monitor: number }
  let place: ReturnType<typeof inventory>
  const socket = join(folder, 'admin.sock')

  beforeAll(async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-keyout', key, '-out', cert]
    execFileSync('openssl', request, { stdio: 'ignore' })
    const tls = { key: readFileSync(key), cert: readFileSync(cert) }
    const found = new Map<Name, number>()
    for (const name of names) {
      const answer = answers[name]
      if (answer === 'closed') {
        found.set(name, await freePort())
        continue
      }
      status.set(name, answer)
      const server = createServer(tls, (asked, response) => {
        const now = status.get(name) ?? null
        if (now !== null) response.writeHead(asked.url === '/readyz' ? now : 404).end('ok')
      })
      servers.push(server)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      found.set(name, (server.address() as AddressInfo).port)
    }
    ports = { api: await freePort(), monitor: await freePort() }
    const plain = inventory('1.20.2')
    const { endpoint } = plain.cluster
    const settings = { ...endpoint.haproxy, monitorPort: ports.monitor, maxConnections: 200 }
    place = {
      ...plain,
      cluster: { ...plain.cluster, endpoint: { ...endpoint, port: ports.api, haproxy: settings } },
      hosts: names.map((name) => host(name, '127.0.0.1', { roles: ['master'] })),
    }
    const text = names.reduce(
      (all, name) => all.replace(`server ${name} 127.0.0.1:6443`, `server ${name} 127.0.0.1:${found.get(name) ?? 0}`),
      runnable(haproxyConfig(place, hostsWith(place, 'master'))).replace(haproxySocket, socket),
    )
    main = spawn(haproxy ?? '', ['-W', '-f', temporary(haproxyFile, text)], { stdio: 'ignore' })
    await vi.waitUntil(() => existsSync(socket), 5000)
  })
  afterAll(async () => {
    main.kill('SIGTERM')
    await once(main, 'exit')
    for (const server of servers) {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
    }
    rmSync(folder, { recursive: true })
  })

  const inRotation = async () =>
    (await ask(socket, 'show stat'))
      .split('\n')
      .map((line) => line.split(','))
      .filter(([proxy, server]) => proxy === apiBackend && names.some((name) => name === server))
      .filter((fields) => fields[17]?.startsWith('UP') === true)
      .map((fields) => fields[1])
  /** Asynchronous, since the API servers live in this process. */
  const passes = async (script: string) => {
    const [code] = (await once(spawn(script, { stdio: 'ignore' }), 'exit')) as [number | null]
    return code === 0
  }
  const checks = async () => ({
    haproxy: await passes(temporary(checkHaproxyFile, checkHaproxyScript(place))),
    api: await passes(temporary(checkApiFile, checkApiScript(place))),
  })

  it('keeps only the API server that answers 200 (R-L6), and both scripts are content', async () => {
    await vi.waitFor(async () => expect(await inRotation()).toEqual(['ready']), 10_000)
    expect(await checks()).toEqual({ haproxy: true, api: true })
  })

  it('takes one that turns to 500 out within 8 s and cuts its clients off (R-L4): the API script fails, haproxy’s does not', async () => {
    const started = performance.now()
    const client = connect(ports.api, '127.0.0.1').on('error', () => undefined)
    const cut = once(client, 'close')
    await once(client, 'connect')
    status.set('ready', 500)
    await vi.waitFor(async () => expect(await inRotation()).toEqual([]), 10_000)
    await cut
    expect((performance.now() - started) / 1000).toBeLessThan(8)
    expect(await checks()).toEqual({ haproxy: true, api: false })
  })

  it('takes one that recovers in again within 6 s', async () => {
    const started = performance.now()
    status.set('failing', 200)
    await vi.waitFor(async () => expect(await inRotation()).toEqual(['failing']), 10_000)
    expect((performance.now() - started) / 1000).toBeLessThan(6)
    expect(await checks()).toEqual({ haproxy: true, api: true })
  })

  it('fails both scripts in time when it is frozen', async () => {
    const worker = Number(runTool('ps', ['-o', 'pid=', '--ppid', String(main.pid)]).output.trim())
    runTool('kill', ['-STOP', String(worker)])
    const started = performance.now()
    expect(await checks()).toEqual({ haproxy: false, api: false })
    expect((performance.now() - started) / 1000).toBeLessThan(4)
    runTool('kill', ['-CONT', String(worker)])
  })
})

const freePort = async (): Promise<number> => {
  const server = createTcpServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

const ask = async (socket: string, command: string): Promise<string> => {
  const client = connect(socket)
  client.end(`${command}\n`)
  const chunks: Buffer[] = []
  for await (const chunk of client) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
