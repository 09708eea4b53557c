// Passphrases, passwords, and what ssh2 cannot speak, on real OpenSSH servers.
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type LookupFunction } from 'node:net'
import { join } from 'node:path'
import type { Connection } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { Host, SshTarget } from '../../src/model/inventory.js'
import type { AskSecret, Connector } from '../../src/model/session.js'
import { createConnector, type ConnectorOptions } from '../../src/transport/connector.js'
import { loadSsh2 } from '../../src/transport/ssh2.js'
import { removeScratch } from './local-shell.js'
import { hostOf, makeKey, makeUser, noSshd, noSudo, startSshd, type Sshd } from './sshd.js'

const ssh2 = await loadSsh2()
const open: Connector[] = []
const connectorFor = (hosts: readonly Host[], more: Partial<ConnectorOptions> = {}): Connector => {
  const connector = createConnector({ hosts, agentSocket: undefined, ...more })
  open.push(connector)
  return connector
}
const closeAll = () => Promise.all(open.splice(0).map((connector) => connector.closeAll()))
/** `in`, or the error. */
const login = (host: Host, more: Partial<ConnectorOptions> = {}): Promise<unknown> =>
  tryOn(connectorFor([host], more), host)
const tryOn = (connector: Connector, host: Host): Promise<unknown> =>
  connector.connect(host.name).then(
    () => 'in',
    (error: unknown) => error,
  )
/** Answers in turn, and remembers the questions. */
const operator = (...answers: readonly (string | null)[]) => {
  const questions: string[] = []
  const asked = new Map<string, ReturnType<AskSecret>>()
  const askSecret: AskSecret = (question) => {
    const known = asked.get(question)
    if (known) return known
    const answer = answers[questions.push(question) - 1] ?? null
    const promise = Promise.resolve(answer === null ? null : secret(answer))
    asked.set(question, promise)
    return promise
  }
  return { questions, askSecret }
}
const many = (sshd: Sshd, target: Partial<SshTarget>): Host[] =>
  Array.from({ length: 4 }, (_, index) => sshd.host({ name: `web-${index}`, ...target }))
const count = (sshd: Sshd, text: RegExp): number => sshd.log().match(text)?.length ?? 0

// Begun with the file, so that it passes while the others are at it.
let slow: Promise<unknown> = Promise.resolve()
let endSlow = async (): Promise<void> => undefined
beforeAll(async () => {
  if (noSshd !== '') return
  const sshd = await startSshd()
  const late = createServer((socket) => {
    const onward = connect(sshd.port, '127.0.0.1').on('error', () => undefined)
    socket.on('error', () => undefined).pipe(onward)
    setTimeout(() => onward.pipe(socket), 5000)
  })
  await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve))
  const host = sshd.host({ port: (late.address() as AddressInfo).port })
  const connector = createConnector({ hosts: [host], agentSocket: undefined })
  slow = tryOn(connector, host)
  endSlow = async () => {
    await connector.closeAll()
    late.close()
    await sshd.stop()
  }
})
afterAll(async () => {
  await endSlow()
  removeScratch()
})

describe.skipIf(noSshd !== '')(`an encrypted key${noSshd}`, () => {
  let sshd: Sshd
  let locked: string
  beforeAll(async () => {
    sshd = await startSshd()
    locked = join(sshd.folder, 'locked')
    copyFileSync(sshd.key, locked)
    execFileSync('ssh-keygen', ['-q', '-p', '-a', '1', '-N', 'open sesame', '-f', locked])
  })
  afterEach(closeAll)
  afterAll(async () => {
    await sshd.stop()
  })

  it('is asked for once and decoded once, for all hosts', async () => {
    const { questions, askSecret } = operator('open sesame')
    const decoding = vi.spyOn(ssh2.utils, 'parseKey')
    const hosts = many(sshd, { keys: [locked] })
    const connector = connectorFor(hosts, { askSecret })
    expect(await Promise.all(hosts.map((host) => tryOn(connector, host)))).toEqual(['in', 'in', 'in', 'in'])
    expect(questions).toEqual([`Passphrase of ${locked}`])
    expect(decoding.mock.calls.filter(([, passphrase]) => passphrase !== undefined)).toHaveLength(1)
    decoding.mockRestore()
  })

  it('is asked for again when the answer was wrong, three times in all', async () => {
    const second = operator('no', 'open sesame')
    expect(await login(sshd.host({ keys: [locked] }), second)).toBe('in')
    expect(second.questions[1]).toBe(`Passphrase of ${locked} (that was wrong; 2 of 3)`)
    const never = operator('no', 'no', 'no', 'open sesame')
    expect(await login(sshd.host({ keys: [locked] }), never)).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining('3 wrong passphrases'),
    })
    expect(never.questions).toHaveLength(3)
  })

  it('takes the passphrase of the inventory, and says when that is wrong or nobody can be asked', async () => {
    const nobody = operator()
    expect(await login(sshd.host({ keys: [locked], passphrase: secret('open sesame') }), nobody)).toBe('in')
    expect(nobody.questions).toEqual([])
    expect(await login(sshd.host({ keys: [locked], passphrase: secret('wrong') }))).toMatchObject({
      message: expect.stringContaining('the passphrase that the inventory gives for it is wrong'),
    })
    expect(await login(sshd.host({ keys: [locked] }))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining(`nobody gave its passphrase: load it with \`ssh-add ${locked}\``),
    })
  })

  it('that the server does not take is asked nothing for', async () => {
    const stranger = makeKey(join(sshd.folder, 'stranger'), 'ed25519', ['-a', '1', '-N', 'mellon'])
    const { questions, askSecret } = operator('mellon')
    expect(await login(sshd.host({ keys: [stranger, sshd.key] }), { askSecret })).toBe('in')
    expect(questions).toEqual([])
  })

  it('in the old PEM format, without its public half, is unlocked in its turn', async () => {
    const pem = makeKey(join(sshd.folder, 'pem'), 'ecdsa', ['-N', 'mellon', '-m', 'PEM'])
    rmSync(`${pem}.pub`)
    const { questions, askSecret } = operator('mellon')
    const error = await login(sshd.host({ keys: [pem] }), { askSecret })
    expect(error).toMatchObject({ code: 'ssh.auth', message: expect.stringContaining(`offered: ${pem}`) })
    expect(questions).toEqual([`Passphrase of ${pem}`])
  })
})

describe.skipIf(noSudo !== '')(`a password${noSudo}`, () => {
  let sshd: Sshd, both: Sshd
  let user: ReturnType<typeof makeUser>
  beforeAll(async () => {
    user = makeUser('sudo')
    execFileSync('chpasswd', { input: `${user.name}:correct horse\n` })
    ;[sshd, both] = await Promise.all([
      startSshd(['PasswordAuthentication yes', 'PubkeyAuthentication no']),
      startSshd(['PasswordAuthentication yes', 'AuthenticationMethods password,publickey']),
    ])
  })
  afterEach(closeAll)
  afterAll(async () => {
    await Promise.all([sshd.stop(), both.stop()])
    user.remove()
  })

  it('is asked for once, for all hosts with that user', async () => {
    const { questions, askSecret } = operator('correct horse')
    const hosts = many(sshd, { user: user.name, keys: [], password: 'ask' })
    const connector = connectorFor(hosts, { askSecret })
    expect(await Promise.all(hosts.map((host) => tryOn(connector, host)))).toEqual(['in', 'in', 'in', 'in'])
    expect(questions).toEqual([`SSH password of ${user.name}`])
  })

  it('that is wrong is sent once, and never again', async () => {
    const before = count(sshd, /Failed password/g)
    const host = sshd.host({ user: user.name, keys: [], password: secret('wrong') })
    const connector = connectorFor([host])
    expect(await tryOn(connector, host)).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining(`the login as ${user.name} was refused; offered: the password`),
      details: { exit: 'auth' },
    })
    expect(await tryOn(connector, host)).toMatchObject({
      message: expect.stringContaining('the password was refused before, and is not sent again'),
    })
    expect(count(sshd, /Failed password/g) - before).toBe(1)
  })

  it('that nobody gives is said to be missing', async () => {
    const host = sshd.host({ user: user.name, keys: [], password: 'ask' })
    expect(await login(host)).toMatchObject({ message: expect.stringContaining('nobody gave the password') })
    expect(await login(sshd.host({ user: user.name }))).toMatchObject({
      details: { hint: expect.stringContaining('ssh: { password: ask }') },
    })
  })

  it('and a key, where a server wants both', async () => {
    const host = both.host({ user: user.name, password: secret('correct horse') })
    expect(await login(host)).toBe('in')
  })
})

describe('a server that asks (keyboard-interactive)', () => {
  const key = () =>
    execFileSync('sh', [
      '-c',
      'ssh-keygen -q -t ed25519 -N "" -f "$1" && cat "$1"',
      'sh',
      join(folder(), `k${Math.random()}`),
    ])
  let made: string | null = null
  const folder = (): string => (made ??= execFileSync('mktemp', ['-d']).toString().trim())
  afterEach(closeAll)
  afterAll(() => rmSync(folder(), { recursive: true }))

  const asking = async (rounds: readonly string[], answers: string[]): Promise<number> => {
    const server = new ssh2.Server({ hostKeys: [key()] }, (client: Connection) => {
      client.on('error', () => undefined)
      client.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        const ask = (left: readonly string[]): void => {
          const [prompt, ...rest] = left
          if (prompt === undefined) return context.accept()
          context.prompt([{ prompt, echo: false }], (given) => {
            answers.push(...given)
            if (given.length === 0) return context.reject(['keyboard-interactive'])
            return prompt.startsWith('Password') && given[0] !== 'right' ? ask(['Password: ']) : ask(rest)
          })
        }
        return ask(rounds)
      })
      client.on('session', (_accept, reject) => reject())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const host = (port: number, password: string) =>
    hostOf({ port, password: secret(password), knownHosts: join(folder(), `known_${port}`) })

  it('gets the password at its one prompt, and is told no second time', async () => {
    const answers: string[] = []
    const port = await asking(['Password: '], answers)
    // The login is done: this server opens no session.
    expect(await login(host(port, 'right'))).toMatchObject({ code: 'ssh.shell' })
    expect(await login(host(port, 'wrong'))).toMatchObject({ code: 'ssh.auth' })
    expect(answers).toEqual(['right', 'wrong'])
  })

  it('for a second factor is told of in the error', async () => {
    const answers: string[] = []
    const port = await asking(['Password: ', 'Verification code: '], answers)
    expect(await login(host(port, 'right'))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringContaining('the server asks "Verification code:", which khactl cannot answer'),
    })
    expect(answers).toEqual(['right'])
  })
})

describe.skipIf(noSshd !== '')(`the way to a server${noSshd}`, () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterEach(closeAll)
  afterAll(async () => {
    await sshd.stop()
  })

  it('is asked for again when the name server does not answer, and not when the name is not known', async () => {
    const errors = ['EAI_AGAIN', 'EAI_AGAIN']
    const lookup: LookupFunction = (_name, _options, answer) => {
      const code = errors.shift()
      if (code === undefined) answer(null, [{ address: '127.0.0.1', family: 4 }])
      else answer(Object.assign(new Error(`getaddrinfo ${code}`), { code }), '')
    }
    const host = sshd.host({ address: 'web.example' })
    const limits = { retries: [1, 1, 1] }
    expect(await login(host, { lookup, limits })).toBe('in')
    errors.push('ENOTFOUND', 'ENOTFOUND')
    expect(await login(host, { lookup, limits })).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringMatching(/the name is not known$/),
    })
    expect(errors).toHaveLength(1)
  })

  it('may take 5 s', async () => expect(await slow).toBe('in'), 20_000)

  it('that ssh2 cannot speak is said in one sentence, with the way out', async () => {
    const modern = await startSshd(['KexAlgorithms sntrup761x25519-sha512@openssh.com'])
    expect(await login(modern.host())).toMatchObject({
      code: 'ssh.handshake',
      message: expect.stringContaining('no matching key exchange algorithm'),
      details: { hint: expect.stringContaining('`ssh: { client: system }`') },
    })
    await modern.stop()
    const certified = makeKey(join(sshd.folder, 'certified'))
    execFileSync('ssh-keygen', ['-q', '-s', sshd.key, '-I', 'me', '-n', 'root', `${certified}.pub`])
    expect(readFileSync(`${certified}-cert.pub`, 'utf8')).toContain('-cert-')
    expect(await login(sshd.host({ keys: [certified] }))).toMatchObject({
      code: 'ssh.auth',
      message: expect.stringMatching(/the certificate of .*certified is not shown.*client: system/),
    })
  })
})
