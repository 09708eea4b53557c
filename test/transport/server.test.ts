// The connector against servers that refuse, change, drop, or say nothing: ssh2's own server, and bare sockets.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { AuthContext, Connection, ServerChannel } from 'ssh2'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { SshTarget } from '../../src/model/inventory.js'
import { createConnector, type ConnectorOptions } from '../../src/transport/connector.js'
import { loadSsh2 } from '../../src/transport/ssh2.js'
import { removeScratch, scratch } from './local-shell.js'
import { freePort, hostOf } from './sshd.js'

const ssh2 = await loadSsh2()
/** PEM, so that no ssh-keygen is needed; small, for speed only. */
const rsaKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()

const folder = scratch()
const hostKey = rsaKey()
const clientKey = join(folder, 'id')
writeFileSync(clientKey, rsaKey())

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(removeScratch)

const listen = async (server: Pick<TcpServer, 'listen' | 'close' | 'address'>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => void server.close())
  return (server.address() as AddressInfo).port
}

interface Script {
  readonly key?: string
  readonly auth?: (context: AuthContext) => void
  readonly exec?: (channel: { accept: () => ServerChannel; reject: () => void }) => void
  readonly session?: 'accept' | 'reject'
}
const sshServer = async (script: Script, seen: string[] = []): Promise<number> => {
  const server = new ssh2.Server({ hostKeys: [script.key ?? hostKey] }, (client: Connection) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      seen.push(context.method)
      if (script.auth) script.auth(context)
      else context.accept()
    })
    client.on('session', (accept, reject) => {
      if (script.session === 'reject') {
        reject()
        return
      }
      accept().on('exec', (acceptExec, rejectExec) => script.exec?.({ accept: acceptExec, reject: rejectExec }))
    })
  })
  return listen(server)
}

const attempt = async (
  port: number,
  { target = {}, ...more }: { target?: Partial<SshTarget> } & Partial<ConnectorOptions> = {},
): Promise<unknown> => {
  const host = hostOf({ port, keys: [clientKey], knownHosts: join(folder, `known_${port}`), ...target })
  const connector = createConnector({ hosts: [host], agentSocket: undefined, ...more })
  closers.push(() => connector.closeAll())
  return connector.connect(host.name).then(
    () => 'connected',
    (error: unknown) => error,
  )
}
const quick = { retries: [1, 1], shell: 200, handshake: 200 }

describe('a server that', () => {
  it('refuses the key is asked once, never again', async () => {
    const seen: string[] = []
    const port = await sshServer({ auth: (context) => context.reject(['publickey', 'password']) }, seen)
    expect(await attempt(port)).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringMatching(
        /web-1 \(127\.0\.0\.1:\d+\): the login as root was refused; offered: SHA256:\S+ \(.*id\)/,
      ),
      details: { exit: 'auth', hint: expect.stringContaining('authorized_keys') },
    })
    // Two signature algorithms for one RSA key at most.
    expect(seen.length).toBeLessThanOrEqual(3)
    expect(new Set(seen)).toEqual(new Set(['publickey']))
  })

  it('takes passwords only is said to', async () => {
    const port = await sshServer({ auth: (context) => context.reject(['password']) })
    expect(await attempt(port)).toMatchObject({
      code: 'ssh.auth',
      details: { hint: expect.stringContaining('accepts password only') },
    })
  })

  it('has another key than before gets no authentication packet', async () => {
    const seen: string[] = []
    const auth = (context: AuthContext): void => context.reject()
    const first = await sshServer({ auth }, seen)
    const knownHosts = join(folder, `known_${first}`)
    expect(await attempt(first)).toMatchObject({ code: 'ssh.auth' })
    const before = readFileSync(knownHosts, 'utf8')
    const second = await sshServer({ key: rsaKey(), auth }, seen)
    writeFileSync(knownHosts, before.replace(`:${first}`, `:${second}`))
    seen.length = 0
    expect(await attempt(second, { target: { knownHosts } })).toMatchObject({
      code: 'ssh.host-key',
      message: expect.stringMatching(
        /the host key is SHA256:\S+ \(ssh-rsa\), but .* records SHA256:\S+ \(ssh-rsa, line 1\)/,
      ),
      details: { exit: 'hostKey', hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${second}'`) },
    })
    expect(seen).toEqual([])
  })

  it('is unknown under strict is refused, and nothing is written', async () => {
    const seen: string[] = []
    const knownHosts = join(folder, 'strict')
    writeFileSync(knownHosts, '# mine\n')
    const port = await sshServer({}, seen)
    expect(await attempt(port, { target: { hostKeys: 'strict', knownHosts } })).toMatchObject({ code: 'ssh.host-key' })
    expect([readFileSync(knownHosts, 'utf8'), seen]).toEqual(['# mine\n', []])
  })

  it('does not listen is tried a few times', async () => {
    const said: string[] = []
    const port = await freePort()
    const error = await attempt(port, { limits: quick, log: (_, message) => said.push(message) })
    expect(error).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringContaining('connection refused) (3 tries)'),
      details: { exit: 'unreachable' },
    })
    expect(said).toHaveLength(2)
  })

  it('drops connections before the login is tried again until it does not', async () => {
    let drops = 2
    const real = await sshServer({ exec: ({ reject }) => reject() })
    const port = await listen(
      createServer((socket) => {
        socket.on('error', () => undefined)
        if (drops > 0) {
          drops -= 1
          socket.destroy()
          return
        }
        const onward = connect(real, '127.0.0.1').on('error', () => undefined)
        socket.pipe(onward).pipe(socket)
      }),
    )
    const patient = { retries: quick.retries }
    expect(await attempt(port, { limits: patient })).toMatchObject({
      code: expect.stringMatching(/^ssh\.(shell|lost)$/),
    })
    expect(drops).toBe(0)
  })

  it('accepts and says nothing is given up at the deadline', async () => {
    const sockets: Socket[] = []
    const port = await listen(createServer((socket) => sockets.push(socket)))
    closers.push(() => sockets.forEach((socket) => socket.destroy()))
    expect(await attempt(port, { limits: quick })).toMatchObject({
      code: 'ssh.deadline',
      details: { exit: 'unreachable' },
    })
  })

  it('never answers the exec request is given up at the deadline', async () => {
    expect(await attempt(await sshServer({ exec: () => undefined }), { limits: quick })).toMatchObject({
      code: 'ssh.deadline',
    })
  })

  it('opens no session at all is said to', async () => {
    expect(await attempt(await sshServer({ session: 'reject' }))).toMatchObject({
      code: 'ssh.shell',
      details: { hint: expect.stringContaining('MaxSessions') },
    })
  })

  it('closes the channel without an exit status lost it', async () => {
    const exec: Script['exec'] = ({ accept }) => void accept().end()
    expect(await attempt(await sshServer({ exec }))).toMatchObject({ code: 'ssh.lost' })
  })

  it.each([
    ['root', 1, 'This account is currently not available.', 'ssh.shell', 'login shell'],
    ['admin', 254, 'This account is for files only.', 'ssh.shell', 'ForceCommand'],
  ])('ends the shell of %s with %i, "%s", is understood', async (user, status, text, code, hint) => {
    const exec: Script['exec'] = ({ accept }) => {
      const channel = accept()
      channel.stderr.write(`${text}\r\n`)
      channel.exit(status)
      channel.end()
    }
    expect(await attempt(await sshServer({ exec }), { target: { user } })).toMatchObject({
      code,
      message: expect.stringContaining(text),
      details: { status, hint: expect.stringContaining(hint) },
    })
  })
})
