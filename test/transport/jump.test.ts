// Hosts behind other hosts, on real OpenSSH servers: one connection over the bastion, each hop under its own name and key.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '../../src/model/command.js'
import type { Host, SshLogin } from '../../src/model/inventory.js'
import type { Connector } from '../../src/model/session.js'
import { createConnector, type ConnectorOptions } from '../../src/transport/connector.js'
import { removeScratch, until } from './local-shell.js'
import { freePort, makeKey, noSshd, startSshd, type Sshd } from './sshd.js'

const sh = (text: string): Command => ({ parts: [text] })
const open: Connector[] = []
const connectorFor = (hosts: readonly Host[], more: Partial<ConnectorOptions> = {}): Connector => {
  const connector = createConnector({ hosts, agentSocket: undefined, ...more })
  open.push(connector)
  return connector
}
const closeAll = () => Promise.all(open.splice(0).map((connector) => connector.closeAll()))
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
const hop = (sshd: Sshd, more: Partial<SshLogin> = {}): SshLogin => ({ ...sshd.host().ssh, ...more })
const many = (sshd: Sshd, { count, jump }: { count: number; jump: readonly SshLogin[] }): Host[] =>
  Array.from({ length: count }, (_, index) => sshd.host({ name: `web-${index}`, jump }))
const logins = (sshd: Sshd): number => sshd.log().match(/Accepted publickey/g)?.length ?? 0
const print = (key: string): string => execFileSync('ssh-keygen', ['-lf', key]).toString().split(' ')[1] ?? ''

describe.skipIf(noSshd !== '')(`over jump hosts${noSshd}`, () => {
  let outer: Sshd, inner: Sshd, node: Sshd
  let agent: ChildProcess
  let agentSocket: string
  beforeAll(async () => {
    ;[outer, inner, node] = await Promise.all([startSshd(), startSshd(), startSshd()])
    agentSocket = join(node.folder, 'agent')
    agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' })
    await until(() => existsSync(agentSocket))
    const env = { ...process.env, SSH_AUTH_SOCK: agentSocket }
    for (const key of [outer.key, node.key]) execFileSync('ssh-add', ['-q', key], { env })
  })
  afterEach(closeAll)
  afterAll(async () => {
    agent.kill()
    await Promise.all([outer, inner, node].map((sshd) => sshd.stop()))
    removeScratch()
  })
  const all = (): readonly [Sshd, Sshd, Sshd] => [outer, inner, node]

  it('goes through each of them once, under its own key, and records each host key', async () => {
    const [first, second, last] = all()
    const before = [logins(first), logins(second), logins(last)]
    const hosts = many(last, { count: 3, jump: [hop(first), hop(second)] })
    const connector = connectorFor(hosts)
    const answers = await Promise.all(
      hosts.map(async ({ name }) =>
        (await connector.connect(name)).request('own', { script: sh('echo $SSH_CONNECTION'), within: 5000 }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([0, 0, 0])
    await connector.closeAll()
    expect([logins(first), logins(second), logins(last)].map((count, index) => count - (before[index] ?? 0))).toEqual([
      1, 1, 3,
    ])
    for (const sshd of all())
      expect(readFileSync(join(sshd.folder, 'known_hosts'), 'utf8')).toMatch(
        new RegExp(`^\\[127\\.0\\.0\\.1\\]:${sshd.port} ssh-ed25519 \\S+\n$`),
      )
  })

  it('offers a key that is named for one of them to no other, not even from the agent', async () => {
    const [bastion, , last] = all()
    const host = last.host({ agent: 'use', jump: [hop(bastion, { agent: 'named' })] })
    await connectorFor([host], { agentSocket }).connect(host.name)
    const stranger = makeKey(join(last.folder, 'stranger'))
    const refused = last.host({
      keys: [stranger],
      agent: 'use',
      jump: [hop(bastion, { agent: 'use', keys: [bastion.key, last.key] })],
    })
    const error = await failure(connectorFor([refused], { agentSocket }).connect(refused.name))
    expect(error).toMatchObject({ code: 'ssh.auth', message: expect.stringContaining(`offered: ${print(stranger)}`) })
    expect((error as Error).message).not.toContain(print(bastion.key))
    expect(last.log()).not.toContain(print(bastion.key))
    expect(bastion.log()).not.toContain(print(stranger))
  })

  it('names the hop that refuses, with what was offered there, and does not try it again', async () => {
    const [bastion, , last] = all()
    const stranger = makeKey(join(last.folder, 'other'))
    const hosts = many(last, { count: 2, jump: [hop(bastion, { keys: [stranger] })] })
    const connector = connectorFor(hosts)
    for (const { name } of hosts) {
      const error = await failure(connector.connect(name))
      expect(error).toMatchObject({ code: 'ssh.auth', details: { exit: 'auth' } })
      expect((error as Error).message).toBe(
        `${name} (127.0.0.1:${last.port}): the jump host 127.0.0.1:${bastion.port}: the login as root was refused; offered: ${print(stranger)} (${stranger})`,
      )
    }
    expect(bastion.log().split(print(stranger)).length - 1).toBe(1)
  })

  it('ends at a hop whose key changed, before anything secret is sent and before the host is spoken to', async () => {
    const [bastion, , last] = all()
    const knownHosts = join(last.folder, 'changed')
    const key = readFileSync(join(last.folder, 'host_ed25519.pub'), 'utf8')
    writeFileSync(knownHosts, `[127.0.0.1]:${bastion.port} ${key}`)
    const [before, tried] = [last.log(), logins(bastion)]
    const host = last.host({ jump: [hop(bastion, { knownHosts })] })
    expect(await failure(connectorFor([host]).connect(host.name))).toMatchObject({
      code: 'ssh.host-key',
      message: expect.stringMatching(
        /web-1 .*: the jump host 127\.0\.0\.1:\d+: the host key is SHA256:\S+ \(ssh-ed25519\), but .* records SHA256:/,
      ),
      details: { exit: 'hostKey', hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${bastion.port}'`) },
    })
    expect([last.log(), logins(bastion)]).toEqual([before, tried])
    const revoked = join(last.folder, 'revoked')
    const own = readFileSync(join(bastion.folder, 'host_ed25519.pub'), 'utf8')
    writeFileSync(revoked, `@revoked * ${own}[127.0.0.1]:${bastion.port} ${own}`)
    const marked = last.host({ jump: [hop(bastion, { knownHosts: revoked })] })
    expect(await failure(connectorFor([marked]).connect(marked.name))).toMatchObject({
      message: expect.stringContaining('is marked @revoked'),
    })
    const strict = last.host({ jump: [hop(bastion, { knownHosts: '/dev/null', hostKeys: 'strict' })] })
    expect(await failure(connectorFor([strict]).connect(strict.name))).toMatchObject({ code: 'ssh.host-key' })
    const pinned = last.host({ jump: [hop(bastion, { pinned: print(join(bastion.folder, 'host_ed25519.pub')) })] })
    expect((await connectorFor([pinned]).connect(pinned.name)).host).toBe('web-1')
  })

  it('finds the hashed name of a hop with its port', async () => {
    const [bastion, , last] = all()
    const knownHosts = join(last.folder, 'hashed')
    writeFileSync(
      knownHosts,
      `[127.0.0.1]:${bastion.port} ${readFileSync(join(bastion.folder, 'host_ed25519.pub'), 'utf8')}`,
    )
    execFileSync('ssh-keygen', ['-q', '-H', '-f', knownHosts], { stdio: 'ignore' })
    expect(readFileSync(knownHosts, 'utf8')).toMatch(/^\|1\|/)
    const host = last.host({ jump: [hop(bastion, { knownHosts, hostKeys: 'strict' })] })
    expect((await connectorFor([host]).connect(host.name)).host).toBe('web-1')
  })

  it('says why the way onward is closed', async () => {
    const [bastion] = all()
    const closed = await freePort()
    const nobody = bastion.host({ port: closed, jump: [hop(bastion)] })
    const limits = { retries: [1] }
    expect(await failure(connectorFor([nobody], { limits }).connect(nobody.name))).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringContaining(
        'from the jump host 127.0.0.1: nothing listens there (connection refused) (2 tries)',
      ),
      details: {
        hint: expect.stringContaining(`ssh -J root@127.0.0.1:${bastion.port} -p ${closed} root@127.0.0.1 true`),
      },
    })
    const unknown = bastion.host({ address: 'no-such-host.invalid', jump: [hop(bastion)] })
    expect(await failure(connectorFor([unknown], { limits }).connect(unknown.name))).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringMatching(/from the jump host 127\.0\.0\.1: (the name|Channel|\(SSH\))/),
    })
    const strict = await startSshd(['AllowTcpForwarding no'])
    const host = bastion.host({ jump: [hop(strict)] })
    expect(await failure(connectorFor([host], { limits }).connect(host.name))).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringContaining('the jump host 127.0.0.1 forwards no connection to it'),
      details: { hint: expect.stringContaining('AllowTcpForwarding') },
    })
    await closeAll()
    await strict.stop()
    const gone = bastion.host({ jump: [hop(strict)] })
    expect(await failure(connectorFor([gone], { limits }).connect(gone.name))).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringMatching(
        /^web-1 .*: the jump host 127\.0\.0\.1:\d+: cannot connect: nothing listens there/,
      ),
    })
  })

  it('loses its hosts with the bastion, and makes the way anew for the next one', async () => {
    const [, , last] = all()
    const bastion = await startSshd()
    const hosts = many(last, { count: 2, jump: [hop(bastion)] })
    const connector = connectorFor(hosts)
    const [one, two] = hosts as [Host, Host]
    const session = await connector.connect(one.name)
    const pending = failure(session.request('own', { script: sh('sleep 30'), within: 40_000 }))
    const child = execFileSync('ps', ['-o', 'pid=', '--ppid', String(bastion.pid)]).toString()
    for (const pid of child.trim().split(/\s+/)) process.kill(Number(pid), 'SIGKILL')
    expect(await pending).toMatchObject({ code: 'ssh.lost' })
    const next = await connector.connect(two.name)
    expect((await next.request('own', { script: sh('echo on'), within: 5000 })).stdout.toString()).toBe('on\n')
    expect(logins(bastion)).toBe(2)
    await closeAll()
    await bastion.stop()
  })
})

describe.skipIf(noSshd !== '')(`a crowd${noSshd}`, () => {
  afterEach(closeAll)

  it(
    'of 50 hosts gets in over one bastion, with MaxStartups 3:100:3 there and behind it',
    { timeout: 60_000 },
    async () => {
      const rule = ['MaxStartups 3:100:3']
      const [bastion, node] = await Promise.all([startSshd(rule), startSshd(rule)])
      const hosts = many(node, { count: 50, jump: [hop(bastion)] })
      const connector = connectorFor(hosts)
      const sessions = await Promise.all(hosts.map(({ name }) => connector.connect(name)))
      expect([sessions.length, logins(bastion), logins(node)]).toEqual([50, 1, 50])
      await connector.closeAll()
      // No connection is left: the listeners have no children.
      const children = () => spawnSync('ps', ['-o', 'pid=', '--ppid', `${bastion.pid},${node.pid}`]).stdout.toString()
      await until(() => children() === '')
      await Promise.all([bastion.stop(), node.stop()])
      removeScratch()
    },
  )
})
