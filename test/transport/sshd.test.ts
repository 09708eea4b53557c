// The connector against a real OpenSSH server.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '../../src/model/command.js'
import type { Host } from '../../src/model/inventory.js'
import type { Answer, Connector, Session } from '../../src/model/session.js'
import { createConnector, type ConnectorOptions } from '../../src/transport/connector.js'
import { isAlive, removeScratch, until } from './local-shell.js'
import { makeKey, makeUser, noSshd, noSudo, startSshd, type Sshd } from './sshd.js'

const sh = (text: string): Command => ({ parts: [text] })
const open: Connector[] = []
const connectorFor = (hosts: readonly Host[], more: Partial<ConnectorOptions> = {}): Connector => {
  const connector = createConnector({ hosts, agentSocket: undefined, ...more })
  open.push(connector)
  return connector
}
const login = (host: Host, more: Partial<ConnectorOptions> = {}): Promise<Session> =>
  connectorFor([host], more).connect(host.name)
const run = (session: Session, text: string, within = 5000): Promise<Answer> =>
  session.request('own', { script: sh(text), within })
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  )

describe.skipIf(noSshd !== '')(`a root login${noSshd}`, () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd([], ['ed25519', 'ecdsa'])
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connector) => connector.closeAll()))
  })
  afterAll(async () => {
    await sshd.stop()
    removeScratch()
  })

  it('runs scripts as root, one round trip each', async () => {
    const session = await login(sshd.host())
    expect((await run(session, 'id -u')).stdout.toString()).toBe('0\n')
    expect((await session.request('cluster', { script: sh('echo $PPID'), within: 5000 })).status).toBe(0)
    expect(session.roundTrips()).toBe(2)
  })

  it('takes 20 MB each way', async () => {
    const session = await login(sshd.host())
    const stdin = Buffer.alloc(20_000_000, 'khactl\0\n')
    const answer = await session.request('own', { script: sh('cat'), stdin, within: 15_000 })
    expect(answer.stdout.equals(stdin)).toBe(true)
  })

  it('gives one session a host, and after closeAll nothing holds the process', async () => {
    const connector = connectorFor([sshd.host()])
    const name = sshd.host().name
    expect(await connector.connect(name)).toBe(await connector.connect(name))
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
    await connector.closeAll()
    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
    expect(before - after).toBe(1)
    expect(await failure(connector.connect(name))).toMatchObject({ code: 'ssh.closed' })
  })

  it('records a new key once for many hosts, and refuses another one', async () => {
    const host = sshd.host({ knownHosts: join(sshd.folder, 'fresh', 'known_hosts') })
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(Array.from({ length: 5 }, () => login(host)))
      await Promise.all(open.splice(0).map((connector) => connector.closeAll()))
    }
    const file = readFileSync(host.ssh.knownHosts, 'utf8')
    expect(file.trim().split('\n')).toHaveLength(1)
    expect(
      execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', host.ssh.knownHosts]).toString(),
    ).toContain('found')
    expect(readdirSync(join(sshd.folder, 'fresh'))).toEqual(['known_hosts'])
  })

  it('asks for the key type that is recorded', async () => {
    const knownHosts = join(sshd.folder, 'ecdsa_only')
    const key = readFileSync(join(sshd.folder, 'host_ecdsa.pub'), 'utf8')
    execFileSync('sh', ['-c', 'printf "[127.0.0.1]:%s %s" "$1" "$2" >"$3"', 'sh', String(sshd.port), key, knownHosts])
    await login(sshd.host({ knownHosts, hostKeys: 'strict' }))
    expect(await failure(login(sshd.host({ knownHosts: '/dev/null', hostKeys: 'strict' })))).toMatchObject({
      code: 'ssh.host-key',
    })
  })

  it('takes a pinned key and no other', async () => {
    const print =
      execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host_ed25519.pub')])
        .toString()
        .split(' ')[1] ?? ''
    await login(sshd.host({ pinned: print, knownHosts: '/nonexistent/no' }))
    expect(await failure(login(sshd.host({ pinned: 'SHA256:other' })))).toMatchObject({
      code: 'ssh.host-key',
      details: { exit: 'hostKey' },
    })
  })

  it('frees the lock when the connector closes, and names its holder before', async () => {
    const [first, second] = await Promise.all([login(sshd.host()), login(sshd.host())])
    expect(await first.lock('anna@desk', 'wait-not')).toEqual({ kind: 'held' })
    expect(await second.lock('bert@desk', 'wait-not')).toEqual({ kind: 'taken-by', owner: 'anna@desk' })
    await first.close()
    expect(await second.lock('bert@desk', 'wait-not')).toEqual({ kind: 'held' })
    const third = await login(sshd.host())
    expect(await third.lock('carl@desk', 'break')).toEqual({ kind: 'held' })
    expect(await failure(run(second, 'echo no'))).toMatchObject({ code: 'lock.broken', details: { exit: 'locked' } })
  })

  it('ends the script and frees the lock when the server process of the connection is killed', async () => {
    const [session, other] = await Promise.all([login(sshd.host()), login(sshd.host())])
    await session.lock('anna', 'wait-not')
    const parent = (
      await run(
        session,
        'ps -o ppid= -p $PPID >/dev/null 2>&1; cut -d " " -f 4 /proc/$(cut -d " " -f 4 /proc/$PPID/stat)/stat',
      )
    ).stdout
      .toString()
      .trim()
    const file = join(sshd.folder, 'pid')
    const lost = failure(run(session, `echo $$ >${file}; exec sleep 30`, 10_000))
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    process.kill(Number(parent), 'SIGKILL')
    expect(await lost).toMatchObject({ code: 'ssh.lost', details: { status: null } })
    expect(await failure(run(session, 'echo no'))).toMatchObject({ code: 'ssh.lost' })
    await until(() => !isAlive(Number(readFileSync(file, 'utf8'))), 8000)
    await expect.poll(() => other.lock('bert', 'wait-not'), { timeout: 8000 }).toEqual({ kind: 'held' })
  })

  it('says which keys it offered when they are refused', async () => {
    const key = makeKey(join(sshd.folder, 'stranger'))
    const print = execFileSync('ssh-keygen', ['-lf', key]).toString().split(' ')[1]
    expect(await failure(login(sshd.host({ keys: [key] })))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining(`offered: ${print} (${key})`),
      details: { exit: 'auth' },
    })
  })

  it('finds the configured key among twelve of the agent, encrypted as it is', async () => {
    const socket = join(sshd.folder, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    await until(() => existsSync(socket))
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    for (let index = 0; index < 12; index += 1) {
      const other = makeKey(join(sshd.folder, `agent${index}`))
      execFileSync('ssh-add', ['-q', other], { env })
    }
    execFileSync('ssh-add', ['-q', sshd.key], { env })
    const locked = join(sshd.folder, 'locked')
    execFileSync('cp', [sshd.key, locked])
    execFileSync('cp', [`${sshd.key}.pub`, `${locked}.pub`])
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', locked])
    const session = await login(sshd.host({ keys: [locked], agent: 'use' }), { agentSocket: socket })
    expect((await run(session, 'echo in')).stdout.toString()).toBe('in\n')
    expect(await failure(login(sshd.host({ keys: [], agent: 'use' }), { agentSocket: socket }))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining('8 more keys of the agent were not offered'),
    })
    expect(await failure(login(sshd.host({ keys: [locked], agent: 'ignore' })))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining(`ssh-add ${locked}`),
    })
    agent.kill()
  })

  it('ends what runs on the host when the connector closes', async () => {
    const connector = connectorFor([sshd.host()])
    const session = await connector.connect(sshd.host().name)
    const file = join(sshd.folder, 'running')
    const pending = failure(run(session, `echo $$ >${file}; exec sleep 30`))
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    await connector.closeAll()
    expect(await pending).toMatchObject({ code: 'ssh.closed', details: { exit: 'interrupted' } })
    await until(() => !isAlive(Number(readFileSync(file, 'utf8'))))
  })

  it('stops connecting when it is told to', async () => {
    const connector = connectorFor([sshd.host()])
    const pending = failure(connector.connect(sshd.host().name))
    await connector.closeAll()
    expect(await pending).toMatchObject({ code: 'ssh.closed' })
  })
})

describe.skipIf(noSshd !== '')(`a server that allows little${noSshd}`, () => {
  it('serves both channels with MaxSessions 1', async () => {
    const sshd = await startSshd(['MaxSessions 1', 'DisableForwarding yes', 'PermitTTY no'])
    const session = await login(sshd.host())
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        session.request(index % 2 === 0 ? 'own' : 'cluster', { script: sh(`echo ${index}`), within: 5000 }),
      ),
    )
    expect(answers.map((answer) => Number(answer.stdout.toString()))).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    )
    await session.close()
    await sshd.stop()
    removeScratch()
  })

  it('gets all hosts in with MaxStartups 2', async () => {
    const sshd = await startSshd(['MaxStartups 2:100:2'])
    const hosts = Array.from({ length: 8 }, (_, index) => sshd.host({ name: `web-${index}` }))
    const connector = connectorFor(hosts, { limits: { retries: [100, 200, 400, 800, 800, 800] } })
    const sessions = await Promise.all(hosts.map((host) => connector.connect(host.name)))
    expect(sessions).toHaveLength(8)
    await connector.closeAll()
    await sshd.stop()
    removeScratch()
  })
})

describe.skipIf(noSudo !== '')(`a login with sudo${noSudo}`, () => {
  it('becomes root with NOPASSWD, and says what is missing without', async () => {
    const sshd = await startSshd()
    const [admin, plain] = [makeUser('sudo'), makeUser('plain')]
    try {
      const session = await login(sshd.host({ user: admin.name }))
      const stdin = Buffer.from('input')
      const answer = await session.request('own', { script: sh('id -u; cat; exit 7'), stdin, within: 5000 })
      expect([answer.status, answer.stdout.toString()]).toEqual([7, '0\ninput'])
      expect(await session.lock('anna', 'wait-not')).toEqual({ kind: 'held' })
      await session.close()
      expect(await failure(login(sshd.host({ user: plain.name })))).toMatchObject({
        code: 'ssh.sudo',
        message: expect.stringContaining('wants a password'),
        details: { exit: 'auth', hint: expect.stringContaining('NOPASSWD') },
      })
    } finally {
      await Promise.all(open.splice(0).map((connector) => connector.closeAll()))
      admin.remove()
      plain.remove()
      await sshd.stop()
      removeScratch()
    }
  })
})
