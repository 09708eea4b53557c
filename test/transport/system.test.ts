// What only the ssh program of this machine has: its processes, its files, and what ssh2 cannot speak.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { SshLogin } from '../../src/model/inventory.js'
import { createAccounts } from './accounts.js'
import { failure, print, processesWith, run, test } from './kit.js'
import { removeScratch, scratch, until } from './local-shell.js'
import { freePort, makeKey, noSshd, noSudo, startSshd, type Sshd } from './sshd.js'

const count = (sshd: Sshd, words: RegExp): number => sshd.log().match(words)?.length ?? 0

describe.skipIf(noSshd !== '').concurrent(`the ssh program${noSshd}`, () => {
  let sshd: Sshd
  let bastion: Sshd
  const target: Sshd['host'] = (more) => sshd.host({ client: 'system', ...more })
  const hop = (more: Partial<SshLogin> = {}): SshLogin => bastion.host(more).ssh
  beforeAll(async () => {
    ;[sshd, bastion] = await Promise.all([startSshd(), startSshd()])
  })
  afterAll(async () => {
    await Promise.all([sshd.stop(), bastion.stop()])
    removeScratch()
  })

  test('reaches many hosts over one connection to the jump host, each with its own key', async (kit) => {
    const own = await startSshd()
    const far = [1, 2, 3].map((n) => target({ name: `web-${n}`, address: `127.0.0.${n}`, jump: [own.host().ssh] }))
    const connector = kit.connectorFor(far)
    const sessions = await Promise.all(far.map(({ name }) => connector.connect(name)))
    for (const session of sessions) expect((await run(session, 'id -u')).stdout.toString()).toBe('0\n')
    expect(count(own, /Accepted publickey/g)).toBe(1)
    await connector.closeAll()
    await own.stop()
    expect([readdirSync(kit.runtime), processesWith(kit.runtime)]).toEqual([[], []])
  })

  test('says what the jump host says of the way onward', async ({ login }) => {
    const deaf = await startSshd(['AllowTcpForwarding no'])
    const limits = { retries: [] }
    const [nobody, forbidden] = await Promise.all([
      failure(login(target({ port: await freePort(), jump: [hop()] }), { limits })),
      failure(login(target({ jump: [deaf.host().ssh] }), { limits })),
    ])
    expect(nobody).toMatchObject({ code: 'ssh.unreachable', message: expect.stringContaining('connection refused') })
    expect(forbidden).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringContaining('forwards no connection'),
    })
    await deaf.stop()
  })

  test('logs in with an encrypted key, and asks for its passphrase where nobody gave it', async ({ login }) => {
    const key = join(scratch(), 'locked')
    execFileSync('cp', [sshd.key, key])
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'it is $ecret', '-f', key])
    const asked: string[] = []
    const askSecret = (question: string) => {
      asked.push(question)
      return Promise.resolve(secret('it is $ecret'))
    }
    await login(target({ keys: [key], passphrase: secret('it is $ecret') }))
    await login(target({ keys: [key] }), { askSecret })
    expect(asked).toEqual([`Passphrase of ${key}`])
    expect(await failure(login(target({ keys: [key], passphrase: secret('wrong') })))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining(
        `the server accepts key ${key}, but ssh could not sign with it: is its passphrase right?`,
      ),
    })
  })

  test('logs in with a certificate', async ({ login }) => {
    const authority = makeKey(join(scratch(), 'ca'))
    const key = makeKey(join(scratch(), 'id'))
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'anna', '-n', 'root', `${key}.pub`])
    const strict = await startSshd([`TrustedUserCAKeys ${authority}.pub`])
    expect((await run(await login(strict.host({ client: 'system', keys: [key] })), 'echo in')).status).toBe(0)
    expect(await failure(login(strict.host({ client: 'ssh2', keys: [key] })))).toMatchObject({ code: 'ssh.auth' })
    await strict.stop()
  })

  test('trusts a host by the certificate of a recorded authority', async ({ login }) => {
    const [authority, hostKey] = [makeKey(join(scratch(), 'ca')), makeKey(join(scratch(), 'host'))]
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-h', '-I', 'web', '-n', '127.0.0.1', `${hostKey}.pub`])
    const certified = await startSshd([`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`], [])
    const recorded = (key: string): string => {
      const file = join(scratch(), 'known hosts')
      writeFileSync(file, `@cert-authority * ${readFileSync(`${key}.pub`, 'utf8')}`)
      return file
    }
    const target = certified.host({ client: 'system', knownHosts: recorded(authority), hostKeys: 'strict' })
    expect((await run(await login(target), 'echo in')).status).toBe(0)
    const other = { ...target, ssh: { ...target.ssh, knownHosts: recorded(makeKey(join(scratch(), 'ca'))) } }
    expect(await failure(login(other))).toMatchObject({
      code: 'ssh.host-key',
      message: expect.stringContaining(`certified by ${print(authority)}`),
    })
    await certified.stop()
  })

  test('shakes hands with a server that is post-quantum only, which ssh2 cannot', async ({ login }) => {
    const modern = await startSshd(['KexAlgorithms sntrup761x25519-sha512@openssh.com'])
    expect((await run(await login(modern.host({ client: 'system' })), 'echo in')).status).toBe(0)
    expect(await failure(login(modern.host({ client: 'ssh2' })))).toMatchObject({
      code: 'ssh.handshake',
      details: { hint: expect.stringContaining('client: system') },
    })
    await modern.stop()
  })

  test('refuses a changed host key before anything of the login, with both fingerprints', async ({ login }) => {
    const own = await startSshd()
    const other = makeKey(join(scratch(), 'other'))
    const knownHosts = join(scratch(), 'known_hosts')
    writeFileSync(knownHosts, `[127.0.0.1]:${own.port} ${readFileSync(`${other}.pub`, 'utf8')}`)
    const seen = print(join(own.folder, 'host_ed25519.pub'))
    const target = own.host({ client: 'system', knownHosts, password: secret('never sent') })
    expect(await failure(login(target))).toMatchObject({
      code: 'ssh.host-key',
      message: expect.stringMatching(new RegExp(`is ${escaped(seen)} .* records ${escaped(print(other))}`)),
      details: { hint: expect.stringContaining('ssh-keygen -R') },
    })
    expect(count(own, /authenticating user|Accepted|Failed/g)).toBe(0)
    await own.stop()
  })

  test('says so when there is no ssh program', async ({ login }) => {
    expect(await failure(login(target(), { environment: { PATH: '/nonexistent' } }))).toMatchObject({
      code: 'ssh.program',
      message: expect.stringContaining('OpenSSH 8.5'),
    })
  })

  it('leaves nothing behind when khactl is killed, nor when its guard is', { timeout: 180_000 }, async () => {
    const folder = scratch()
    const runtime = join(folder, 'run')
    mkdirSync(runtime)
    const start = async (): Promise<ReturnType<typeof spawn>> => {
      const tsx = resolve(import.meta.dirname, '../../node_modules/tsx/dist/loader.mjs')
      const script = join(import.meta.dirname, 'system-waits.ts')
      const child = spawn(process.execPath, ['--import', tsx, script, String(sshd.port), sshd.key, runtime], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise((ready) => child.stdout.once('data', ready))
      return child
    }
    const first = await start()
    expect(processesWith(runtime).length).toBeGreaterThan(1)
    first.kill('SIGKILL')
    await until(() => processesWith(runtime).length === 0 && readdirSync(runtime).length === 0, 45_000)

    const second = await start()
    const guard = Number(readFileSync(join(runtime, readdirSync(runtime)[0] ?? '', 'guard'), 'utf8'))
    process.kill(guard, 'SIGKILL')
    second.kill('SIGKILL')
    await new Promise((ended) => second.once('exit', ended))
    expect(readdirSync(runtime)).toHaveLength(1)
    const third = await start()
    await until(() => readdirSync(runtime).length === 1, 45_000)
    third.kill('SIGKILL')
    await until(() => processesWith(runtime).length === 0 && readdirSync(runtime).length === 0, 45_000)
  })
})

const escaped = (text: string): string => text.replaceAll(/[+/.]/g, String.raw`\$&`)

describe.skipIf(noSudo !== '').concurrent(`the ssh program and passwords${noSudo}`, () => {
  test('sends a password once, through no argv, environment or file, and never again when it is wrong', async (kit) => {
    const accounts = createAccounts()
    const sshd = await startSshd(['KbdInteractiveAuthentication no', 'Match all', 'PasswordAuthentication yes'])
    try {
      const { name: user, password } = accounts.make({ sudoers: ['USER ALL=(ALL) NOPASSWD: ALL'] })
      const host = sshd.host({ client: 'system', user, keys: [], password: secret(password) })
      const places: string[] = []
      const look = setInterval(() => places.push(...everything(kit.runtime)), 10)
      const session = await kit.login(host)
      clearInterval(look)
      expect((await run(session, 'id -u')).stdout.toString()).toBe('0\n')
      expect(places.some((text) => text.includes('SSH_ASKPASS'))).toBe(true)
      expect(places.filter((text) => text.includes(password))).toEqual([])
      expect(await failure(kit.login({ ...host, ssh: { ...host.ssh, password: secret('wrong') } }))).toMatchObject({
        code: 'ssh.auth',
        message: expect.stringContaining('was refused'),
      })
      expect(count(sshd, /Failed password/g)).toBe(1)
    } finally {
      await kit.closeAll()
      accounts.remove()
      await sshd.stop()
    }
  })
})

/** Command lines and environments of what runs for that folder, and the files in it. */
const everything = (runtime: string): readonly string[] => {
  const quietly = (read: () => string): string => {
    try {
      return read()
    } catch {
      return ''
    }
  }
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) =>
      quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8')),
    )
    .filter((text) => text.includes(runtime))
  const files = readdirSync(runtime, { recursive: true, encoding: 'utf8' }).map((name) =>
    quietly(() => readFileSync(join(runtime, name), 'utf8')),
  )
  return [...processes, ...files]
}
