// The shell functions that ask an API server, run for real against servers of this test.
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wire } from '../../src/model/command.js'
import { askApi, readAnswer } from '../../src/facts/kubernetes/api.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-api-'))
const kubernetes = join(folder, 'kubernetes')
const kubelet = join(folder, 'kubelet')
const servers: Server[] = []
let port = 0

const certificate = (name: string): { readonly key: string; readonly cert: string } => {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const san = 'subjectAltName=IP:127.0.0.1,DNS:kubernetes'
  const quiet = { stdio: 'ignore' as const }
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-addext', san]
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], quiet)
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

beforeAll(async () => {
  const own = certificate('own')
  mkdirSync(join(kubernetes, 'pki'), { recursive: true })
  mkdirSync(join(kubelet, 'pki'), { recursive: true })
  execFileSync('cp', [join(folder, 'own.crt'), join(kubernetes, 'pki/ca.crt')])
  execFileSync('sh', ['-c', 'cat own.key own.crt >kubelet/pki/kubelet-client-current.pem'], { cwd: folder })
  const server = createServer(own, ({ url = '' }, response) => {
    response.statusCode = Number(url.slice(1, 4))
    response.end('body with <200> in it')
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

const ask = async (server: string, path: string): Promise<string> => {
  const functions = wire(askApi).replaceAll('/etc/kubernetes', kubernetes).replaceAll('/var/lib/kubelet', kubelet)
  const script = `${functions}\nanswer_to_kubelet '${server}' '${path}'`
  const env = { PATH: process.env['PATH'] ?? '', https_proxy: 'http://127.0.0.1:1' }
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script], { env })
  expect(stdout).not.toContain('\n')
  return stdout
}

test.each([
  [200, 'ok'],
  [404, 'absent'],
  [403, 'refused'],
  [500, 'failing'],
] as const)('a server that answers %i: %s, whatever the proxy', async (status, answer) => {
  expect(readAnswer(await ask(`https://127.0.0.1:${port}`, `/${status}`))).toBe(answer)
})

test('nobody listens', async () => {
  expect(readAnswer(await ask('https://127.0.0.1:1', '/200'))).toBe('silent')
})

test('a server with a certificate of another CA', async () => {
  const other = createServer(certificate('other'), (_, response) => response.end('ok'))
  servers.push(other)
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  const { port: otherPort } = other.address() as AddressInfo
  expect(readAnswer(await ask(`https://127.0.0.1:${otherPort}`, '/200'))).toBe('stranger')
})
