// What sessions are held to on real OpenSSH servers, whatever client makes them: the suite of both.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { Host, SshTarget } from '../../src/model/inventory.js'
import { createAccounts } from './accounts.js'
import { failure, print, processesWith, run, sh, test } from './kit.js'
import { isAlive, removeScratch, scratch, until } from './local-shell.js'
import { startRelay } from './relay.js'
import { makeKey, makeUser, noSshd, noSudo, startSshd, type Sshd } from './sshd.js'

export const sessionSuite = (client: SshTarget['client']): void => {
  afterAll(removeScratch)

  // First, while nothing else of this process is open.
  describe.skipIf(noSshd !== '')(`alone on its server, ${client}${noSshd}`, () => {
    let sshd: Sshd
    const target = (more: Parameters<Sshd['host']>[0] = {}): Host => sshd.host({ client, ...more })
    beforeAll(async () => {
      sshd = await startSshd()
    })
    afterAll(() => sshd.stop())

    test('gives one session a host, and after closeAll leaves neither process, file nor handle', async (kit) => {
      const handles = (): readonly string[] =>
        process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|Pipe|Process)Wrap$/.test(kind))
      // The helper that started the server closes its own.
      await until(() => !handles().includes('TCPSocketWrap'))
      const before = handles()
      const connector = kit.connectorFor([target()])
      const { name } = target()
      expect(await connector.connect(name)).toBe(await connector.connect(name))
      expect(handles().length).toBeGreaterThan(before.length)
      await connector.closeAll()
      await until(() => handles().length <= before.length, 15_000)
      expect(await failure(connector.connect(name))).toMatchObject({ code: 'ssh.closed' })
      expect([readdirSync(kit.runtime), processesWith(kit.runtime)]).toEqual([[], []])
    })

    test('frees the lock when the connector closes, and names its holder before', async ({ login }) => {
      const [first, second] = await Promise.all([login(target()), login(target())])
      expect(await first.lock('anna@desk', 'wait-not')).toEqual({ kind: 'held' })
      expect(await second.lock('bert@desk', 'wait-not')).toEqual({ kind: 'taken-by', owner: 'anna@desk' })
      await first.close()
      await expect.poll(() => second.lock('bert@desk', 'wait-not'), { timeout: 8000 }).toEqual({ kind: 'held' })
      const third = await login(target())
      expect(await third.lock('carl@desk', 'break')).toEqual({ kind: 'held' })
      expect(await failure(run(second, 'echo no'))).toMatchObject({ code: 'lock.broken', details: { exit: 'locked' } })
      await third.close()
    })

    test('ends the script and frees the lock when the server process of the connection is killed', async ({
      login,
    }) => {
      const [session, other] = await Promise.all([login(target()), login(target())])
      await expect.poll(() => session.lock('anna', 'wait-not'), { timeout: 8000 }).toEqual({ kind: 'held' })
      const parent = await run(session, 'cut -d " " -f 4 /proc/$(cut -d " " -f 4 /proc/$PPID/stat)/stat')
      const file = join(sshd.folder, 'pid')
      const lost = failure(run(session, `echo $$ >${file}; exec sleep 30`))
      await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 15_000)
      process.kill(Number(parent.stdout.toString()), 'SIGKILL')
      expect(await lost).toMatchObject({ code: 'ssh.lost', details: { status: null } })
      expect(await failure(run(session, 'echo no'))).toMatchObject({ code: 'ssh.unsent' })
      await until(() => !isAlive(Number(readFileSync(file, 'utf8'))), 15_000)
      await expect.poll(() => other.lock('bert', 'wait-not'), { timeout: 8000 }).toEqual({ kind: 'held' })
    })
  })

  describe.skipIf(noSshd !== '').concurrent(`a root login with ${client}${noSshd}`, () => {
    let sshd: Sshd
    const target = (more: Parameters<Sshd['host']>[0] = {}): Host => sshd.host({ client, ...more })
    beforeAll(async () => {
      sshd = await startSshd([], ['ed25519', 'ecdsa'])
    })
    afterAll(() => sshd.stop())

    test('runs scripts as root, one round trip each', async ({ login }) => {
      const session = await login(target())
      expect((await run(session, 'id -u')).stdout.toString()).toBe('0\n')
      expect(await run(session, 'cat >&2; exit 255')).toEqual({
        status: 255,
        stdout: Buffer.alloc(0),
        stderr: Buffer.alloc(0),
      })
      expect((await session.request('cluster', { script: sh('echo $PPID'), within: 15_000 })).status).toBe(0)
      expect(session.roundTrips()).toBe(3)
    })

    test('takes 20 MB each way', async ({ login }) => {
      const session = await login(target())
      const stdin = Buffer.alloc(20_000_000, 'khactl\0\n')
      const answer = await session.request('own', { script: sh('cat'), stdin, within: 45_000 })
      expect(answer.stdout.equals(stdin)).toBe(true)
    })

    test('records a new key once for many hosts, and refuses another one', async ({ login, closeAll }) => {
      const host = target({ knownHosts: join(sshd.folder, 'fresh', 'known_hosts') })
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(Array.from({ length: 4 }, () => login(host)))
        await closeAll()
      }
      const file = readFileSync(host.ssh.knownHosts, 'utf8')
      expect(file.trim().split('\n')).toHaveLength(1)
      expect(
        execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', host.ssh.knownHosts]).toString(),
      ).toContain('found')
      expect(readdirSync(join(sshd.folder, 'fresh'))).toEqual(['known_hosts'])
    })

    test('asks for the key type that is recorded', async ({ login }) => {
      const knownHosts = join(sshd.folder, 'ecdsa_only')
      const key = readFileSync(join(sshd.folder, 'host_ecdsa.pub'), 'utf8')
      execFileSync('sh', ['-c', 'printf "[127.0.0.1]:%s %s" "$1" "$2" >"$3"', 'sh', String(sshd.port), key, knownHosts])
      await login(target({ knownHosts, hostKeys: 'strict' }))
      expect(await failure(login(target({ knownHosts: '/dev/null', hostKeys: 'strict' })))).toMatchObject({
        code: 'ssh.host-key',
      })
    })

    test('takes a pinned key and no other', async ({ login }) => {
      const pinned = print(join(sshd.folder, 'host_ed25519.pub'))
      await login(target({ pinned, knownHosts: '/nonexistent/no' }))
      expect(await failure(login(target({ pinned: 'SHA256:other' })))).toMatchObject({
        code: 'ssh.host-key',
        message: expect.stringContaining(`${pinned} (ssh-ed25519) is not the pinned one, SHA256:other`),
        details: { exit: 'hostKey' },
      })
    })

    test('says which keys it offered when they are refused', async ({ login }) => {
      const key = makeKey(join(sshd.folder, 'stranger'))
      expect(await failure(login(target({ keys: [key] })))).toMatchObject({
        code: 'ssh.auth',
        message: expect.stringMatching(/the login as root was refused; offered: /),
        details: { exit: 'auth' },
      })
      expect(await failure(login(target({ keys: [key] })))).toMatchObject({
        message: expect.stringContaining(`offered: ${print(key)} (${key})`),
      })
    })

    test('finds the configured key among twelve of the agent, encrypted as it is', async ({ login }) => {
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
      const session = await login(target({ keys: [locked], agent: 'use' }), { agentSocket: socket })
      expect((await run(session, 'echo in')).stdout.toString()).toBe('in\n')
      expect(await failure(login(target({ keys: [], agent: 'use' }), { agentSocket: socket }))).toMatchObject({
        code: 'ssh.auth',
        message: expect.stringMatching(
          /offered: (SHA256:\S+ \(agent\)(, )?){5}; 8 more keys of the agent were not offered/,
        ),
      })
      expect(await failure(login(target({ keys: [locked], agent: 'ignore' })))).toMatchObject({
        code: 'ssh.auth',
        message: expect.stringContaining(`ssh-add ${locked}`),
      })
      agent.kill()
    })

    test('ends what runs on the host when the connector closes', async ({ connectorFor }) => {
      const connector = connectorFor([target()])
      const session = await connector.connect(target().name)
      const file = join(scratch(), 'running')
      const pending = failure(run(session, `echo $$ >${file}; exec sleep 30`))
      await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 15_000)
      await connector.closeAll()
      expect(await pending).toMatchObject({ code: 'ssh.closed', details: { exit: 'interrupted' } })
      await until(() => !isAlive(Number(readFileSync(file, 'utf8'))), 15_000)
    })

    test('stops connecting when it is told to', async ({ connectorFor, runtime }) => {
      const connector = connectorFor([target()])
      const pending = failure(connector.connect(target().name))
      await connector.closeAll()
      expect(await pending).toMatchObject({ code: 'ssh.closed' })
      expect([readdirSync(runtime), processesWith(runtime)]).toEqual([[], []])
    })

    test('notices a link that swallows everything, and says that the outcome is not known', async ({ login }) => {
      const relay = await startRelay(sshd.port)
      const session = await login(target({ port: relay.port }), { limits: { alive: 1000 } })
      const pending = failure(run(session, 'sleep 60', 60_000))
      relay.freeze()
      expect(await pending).toMatchObject({ code: 'ssh.lost', details: { status: null } })
      expect(await failure(run(session, 'echo no'))).toMatchObject({ code: 'ssh.unsent' })
      await relay.close()
    })
  })

  describe.skipIf(noSshd !== '').concurrent(`a server that allows little, to ${client}${noSshd}`, () => {
    test('serves both channels with MaxSessions 1', async ({ login }) => {
      const sshd = await startSshd(['MaxSessions 1', 'DisableForwarding yes', 'PermitTTY no'])
      const session = await login(sshd.host({ client }))
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          session.request(index % 2 === 0 ? 'own' : 'cluster', { script: sh(`echo ${index}`), within: 15_000 }),
        ),
      )
      expect(answers.map((answer) => Number(answer.stdout.toString()))).toEqual(
        Array.from({ length: 40 }, (_, index) => index),
      )
      await session.close()
      await sshd.stop()
    })

    test('gets all hosts in with MaxStartups 3', async ({ connectorFor }) => {
      const sshd = await startSshd(['MaxStartups 3:100:3'])
      const hosts = Array.from({ length: 8 }, (_, index) => sshd.host({ client, name: `web-${index}` }))
      const connector = connectorFor(hosts, { limits: { retries: [100, 200, 400, 800, 1600, 1600, 1600] } })
      const sessions = await Promise.all(hosts.map((host) => connector.connect(host.name)))
      expect(sessions).toHaveLength(8)
      await connector.closeAll()
      await sshd.stop()
    })
  })

  describe.skipIf(noSudo !== '')(`a login with sudo and ${client}${noSudo}`, () => {
    test('becomes root with NOPASSWD, and says what is missing without', async ({ login, closeAll }) => {
      const sshd = await startSshd()
      const [admin, plain] = [makeUser('sudo'), makeUser('plain')]
      try {
        const session = await login(sshd.host({ client, user: admin.name }))
        const stdin = Buffer.from('input')
        const answer = await session.request('own', { script: sh('id -u; cat; exit 7'), stdin, within: 15_000 })
        expect([answer.status, answer.stdout.toString()]).toEqual([7, '0\ninput'])
        expect(await session.lock('anna', 'wait-not')).toEqual({ kind: 'held' })
        await session.close()
        expect(await failure(login(sshd.host({ client, user: plain.name })))).toMatchObject({
          code: 'ssh.sudo',
          message: expect.stringContaining('wants a password'),
          details: { exit: 'auth', hint: expect.stringContaining('NOPASSWD') },
        })
      } finally {
        await closeAll()
        admin.remove()
        plain.remove()
        await sshd.stop()
      }
    })

    test('gives sudo its password, on a terminal where it wants one', async ({ login, closeAll }) => {
      const sshd = await startSshd()
      const accounts = createAccounts()
      try {
        const sudoers = ['USER ALL=(ALL) ALL', 'Defaults:USER requiretty']
        const { name: user, password } = accounts.make({ sudoers })
        const session = await login(sshd.host({ client, user, sudoPassword: secret(password) }))
        const stdin = Buffer.from([...Array(256).keys()])
        const answer = await session.request('own', { script: sh('id -u >&2; cat; exit 7'), stdin, within: 15_000 })
        expect([answer.status, answer.stdout.subarray(0, 256)]).toEqual([7, stdin])
      } finally {
        await closeAll()
        accounts.remove()
        await sshd.stop()
      }
    })
  })
}
