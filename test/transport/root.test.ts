// Becoming root on a real sshd, with a real sudo and doas: every way there, and every way it fails.
import { randomBytes } from 'node:crypto'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secret } from '../../src/model/command.js'
import type { SshTarget } from '../../src/model/inventory.js'
import type { Answer } from '../../src/model/session.js'
import { createRootDoor, type DoorOptions } from '../../src/transport/channel.js'
import type { RootShell } from '../../src/transport/shell.js'
import { createAccounts, openFolder, pathWith, type AccountOptions } from './accounts.js'
import { tapedLogin, type Tape } from './link-tape.js'
import { has, isAlive, removeScratch, until } from './local-shell.js'
import { noSudo, startSshd, type Sshd } from './sshd.js'

const accounts = createAccounts()
const servers: Sshd[] = []
const serve = async (lines: readonly string[]): Promise<Sshd> => {
  const sshd = await startSshd(lines)
  servers.push(sshd)
  return sshd
}
const doasFile = '/etc/doas.conf'
const hasDoas = has('doas') && !existsSync(doasFile)

const noJapanese = existsSync('/usr/share/i18n/locales/ja_JP') && has('localedef') ? '' : ' (no locales here: skipped)'

interface Way {
  readonly user: string
  readonly sudoPassword?: SshTarget['sudoPassword']
  readonly sshd?: Sshd
  readonly more?: Partial<DoorOptions>
}

describe.skipIf(noSudo !== '').concurrent(`becoming root${noSudo}`, () => {
  let plain: Sshd
  beforeAll(async () => {
    plain = await serve([])
  })
  afterAll(async () => {
    await Promise.all(servers.splice(0).map((sshd) => sshd.stop()))
    accounts.remove()
    removeScratch()
  })

  const connect = async ({ user, sudoPassword = null, sshd = plain, more }: Way) => {
    const host = sshd.host({ user, sudoPassword })
    const { link, tapes } = await tapedLogin(host)
    const open = createRootDoor({ link, place: host, within: 15_000, ...more })
    const end = (): void => link.end()
    return { open, tapes, end }
  }
  const enter = async (way: Way) => {
    const { open, tapes, end } = await connect(way)
    return { shell: await open(), open, tapes, end }
  }
  const refusal = async (way: Way) => {
    const { open, tapes, end } = await connect(way)
    const before = Date.now()
    const error = await open().then(
      () => 'no error',
      (failure: unknown) => failure,
    )
    end()
    return { error, tapes, took: Date.now() - before }
  }

  const nopasswd: AccountOptions = { sudoers: ['USER ALL=(ALL) NOPASSWD: ALL'] }
  const asking: AccountOptions = { sudoers: ['USER ALL=(ALL) ALL'] }

  describe('takes', () => {
    it('one exec as root, with or without a password in the inventory', async () => {
      const { shell, tapes, end } = await enter({ user: 'root', sudoPassword: secret('never used') })
      await isSound(shell)
      expect(tapes).toHaveLength(1)
      expect(sentBeforeReady(tapes)).toEqual([])
      end()
    })

    it('one exec with NOPASSWD, which never gets the password', async () => {
      const { name, password } = accounts.make(nopasswd)
      for (const sudoPassword of [null, secret(password), 'ask'] as const) {
        const { shell, tapes, end } = await enter({ user: name, sudoPassword })
        await isSound(shell)
        expect(tapes).toHaveLength(1)
        expect(sentBeforeReady(tapes)).toEqual([])
        expect(everything(tapes)).not.toContain(password)
        end()
      }
    })

    it('one exec with a password, which is sent once, after the prompt, and never comes back', async () => {
      const { name, password } = accounts.make(asking)
      const { shell, tapes, end, open } = await enter({ user: name, sudoPassword: secret(password) })
      await isSound(shell)
      await expect(open()).rejects.toMatchObject({ code: 'ssh.sudo' })
      expect(tapes).toHaveLength(1)
      expect(sentBeforeReady(tapes)).toEqual([`${password}\n`])
      expect(heardBeforePassword(tapes, password)).toMatch(/@khactl:%[0-9a-f]{16}:$/)
      expect(everything(tapes).split(password)).toHaveLength(2)
      end()
    })

    it('two execs with a password that is asked for, only where it is wanted', async () => {
      const { name, password } = accounts.make(asking)
      const questions: string[] = []
      const askSecret = (question: string) => {
        questions.push(question)
        return Promise.resolve(secret(password))
      }
      const { shell, tapes, end } = await enter({ user: name, sudoPassword: 'ask', more: { askSecret } })
      await isSound(shell)
      expect(tapes).toHaveLength(2)
      expect(questions).toEqual([`sudo password of ${name}`])
      expect(sentBeforeReady(tapes)).toEqual([`${password}\n`])
      end()
    })

    it('use_pty, a log of all input, passwd_tries=1, umask 0077 and a short secure_path', async () => {
      const { name, password } = accounts.make({
        sudoers: [
          'Defaults:USER use_pty, log_input, log_output, passwd_tries=1, umask=0077, umask_override',
          'Defaults:USER secure_path=/usr/sbin:/usr/bin:/sbin:/bin, iolog_dir=/nonexistent/khactl, ignore_iolog_errors',
          'USER ALL=(ALL) ALL',
        ],
      })
      const { shell, end } = await enter({ user: name, sudoPassword: secret(password) })
      await isSound(shell)
      expect((await run(shell, 'umask; echo $PATH')).stdout.toString()).toMatch(/^0022\n\/usr\/local\/sbin:/)
      end()
    })

    it('one channel at a time, where the server allows no more', async () => {
      const sshd = await serve(['MaxSessions 1', 'DisableForwarding yes', 'Subsystem sftp /bin/false'])
      const { name, password } = accounts.make({ sudoers: ['Defaults:USER requiretty', 'USER ALL=(ALL) ALL'] })
      const askSecret = () => Promise.resolve(secret(password))
      const { shell, tapes, end } = await enter({ user: name, sudoPassword: 'ask', sshd, more: { askSecret } })
      await isSound(shell)
      expect(sentBeforeReady(tapes)).toEqual([`${password}\n`])
      end()
    })

    it('a second channel without a second search', async () => {
      const { name } = accounts.make({ sudoers: ['Defaults:USER requiretty', 'USER ALL=(ALL) NOPASSWD: ALL'] })
      const { shell, open, tapes, end } = await enter({ user: name })
      const second = await open()
      expect(tapes.map(({ terminal }) => terminal)).toEqual(['none', 'pty', 'pty'])
      expect((await Promise.all([run(shell, 'echo 1'), run(second, 'echo 2')])).map(String)).toHaveLength(2)
      end()
    })
  })

  describe.each([
    ['requiretty', 'Defaults:USER requiretty, !use_pty'],
    ['requiretty and use_pty', 'Defaults:USER requiretty, use_pty'],
  ])('with %s', (_, defaults) => {
    it('takes a terminal, and keeps streams apart and bytes as they are', async () => {
      const { name } = accounts.make({ sudoers: [defaults, 'USER ALL=(ALL) NOPASSWD: ALL'] })
      const { shell, tapes, end } = await enter({ user: name })
      expect(tapes.map(({ terminal }) => terminal)).toEqual(['none', 'pty'])
      await isSound(shell)
      const stdin = randomBytes(300_000)
      const answer = await run(shell, 'cat; cat /proc/self/fd/0 >&2', { stdin })
      expect(answer.stdout.equals(stdin)).toBe(true)
      expect(answer.stderr.equals(stdin)).toBe(true)
      const lines: string[] = []
      await run(shell, 'echo one; echo two >&2; printf three', { onLine: (line) => lines.push(line) })
      expect(lines).toEqual(['one', 'three', 'two'])
      end()
    })

    it('takes the password there too, and shows it nowhere', async () => {
      const { name, password } = accounts.make({ sudoers: [defaults, 'USER ALL=(ALL) ALL'] })
      const { shell, tapes, end } = await enter({ user: name, sudoPassword: secret(password) })
      await isSound(shell)
      expect(tapes.map(({ terminal }) => terminal)).toEqual(['none', 'pty'])
      expect(sentBeforeReady(tapes)).toEqual([`${password}\n`])
      expect(everything(tapes).split(password)).toHaveLength(2)
      end()
    })

    it('ends a script at its deadline, and when the terminal is hung up', async () => {
      const { name } = accounts.make({ sudoers: [defaults, 'USER ALL=(ALL) NOPASSWD: ALL'] })
      const { shell, end } = await enter({ user: name })
      expect((await run(shell, 'echo in; sleep 30', { within: 300 })).status).toBe(124)
      const file = join(openFolder(), 'pid')
      const lost = run(shell, `echo $$ >${file}; exec sleep 30`).catch((error: unknown) => error)
      await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
      await shell.close()
      expect(await lost).toMatchObject({ code: 'ssh.closed' })
      await until(() => !isAlive(Number(readFileSync(file, 'utf8'))), 9000)
      end()
    })

    it('refuses a wrong password once', async () => {
      const { name } = accounts.make({ sudoers: [defaults, 'USER ALL=(ALL) ALL'] })
      const { error, tapes, took } = await refusal({ user: name, sudoPassword: secret('wrong') })
      expect(error).toMatchObject({ code: 'ssh.sudo', message: expect.stringContaining('refuses the password') })
      expect(sentBeforeReady(tapes)).toEqual(['wrong\n'])
      expect(took).toBeLessThan(10_000)
    })
  })

  describe('fails with one clear error', () => {
    const cases: readonly (readonly [string, AccountOptions, SshTarget['sudoPassword'], RegExp, string])[] = [
      ['a wrong password', asking, secret('wrong'), /sudo refuses the password of \S+; it was tried once$/, 'Correct'],
      [
        'a wrong password that may be given once',
        { sudoers: ['Defaults:USER passwd_tries=1', 'USER ALL=(ALL) ALL'] },
        secret('wrong'),
        /sudo refuses the password of/,
        'Correct',
      ],
      ['no password at all', asking, null, /wants a password of \S+, and the inventory gives none/, 'NOPASSWD: ALL'],
      ['nobody to ask', asking, 'ask', /nobody gave one/, 'terminal'],
      ['a password of two lines', asking, secret('a\nb'), /line break/, 'one line'],
      ['somebody who is no sudoer and gives no password', {}, null, /wants a password/, 'ssh.sudoPassword'],
      [
        'rules for single commands only',
        { sudoers: ['USER ALL=(ALL) NOPASSWD: /usr/bin/id'] },
        null,
        /wants a password|is not allowed to execute/,
        'NOPASSWD: ALL',
      ],
      [
        'a login shell that only ends',
        { ...nopasswd, shell: '/usr/sbin/nologin' },
        null,
        /login shell ended with 1/,
        '',
      ],
    ]
    it.each(cases)('for %s', async (name, options, sudoPassword, text, hint) => {
      const account = accounts.make(options)
      const { error, tapes, took } = await refusal({ user: account.name, sudoPassword })
      expect(error).toMatchObject({
        code: name.includes('login shell') ? 'ssh.shell' : 'ssh.sudo',
        message: expect.stringMatching(text),
        details: { hint: expect.stringContaining(hint) },
      })
      expect(String(error)).toContain('web-1 (127.0.0.1')
      expect(sentBeforeReady(tapes).length).toBeLessThanOrEqual(1)
      expect(took).toBeLessThan(10_000)
    })

    it('for somebody who is no sudoer, whatever the password', async () => {
      const { name, password } = accounts.make()
      const { error, tapes } = await refusal({ user: name, sudoPassword: secret(password) })
      expect(error).toMatchObject({
        code: 'ssh.sudo',
        message: expect.stringMatching(/may not become root by sudo: .*sudoers/),
        details: { exit: 'auth' },
      })
      expect(sentBeforeReady(tapes)).toEqual([`${password}\n`])
    })

    it('for an account that expires', async () => {
      const { name } = accounts.make({ sudoers: [...(nopasswd.sudoers ?? []), '# expires'] })
      const { open, end } = await connect({ user: name })
      execFileSync('chage', ['-E', '1', name])
      await expect(open()).rejects.toMatchObject({
        code: 'ssh.sudo',
        message: expect.stringContaining(`sudo does not take the account ${name}: sudo: `),
        details: { hint: expect.stringContaining('chage -l') },
      })
      end()
    })

    it('for a password that is to be changed first', async () => {
      const { name, password } = accounts.make({ sudoers: [...(asking.sudoers ?? []), '# to be changed'] })
      const { open, tapes, end } = await connect({ user: name, sudoPassword: secret(password) })
      execFileSync('chage', ['-d', '0', name])
      await expect(open()).rejects.toMatchObject({
        code: 'ssh.sudo',
        message: expect.stringContaining(`sudo does not take the account ${name}: sudo: `),
      })
      expect(sentBeforeReady(tapes)).toEqual([`${password}\n`])
      end()
    })

    it('for a server that gives no terminal to a sudo that wants one', async () => {
      const { name } = accounts.make({ sudoers: ['Defaults:USER requiretty', 'USER ALL=(ALL) NOPASSWD: ALL'] })
      const sshd = await serve(['PermitTTY no'])
      const { error } = await refusal({ user: name, sshd })
      expect(error).toMatchObject({ code: 'ssh.shell', details: { hint: expect.stringContaining('PermitTTY') } })
    })

    it.each([
      ['ends', 'echo files only; exit 3', 'ssh.shell', /files only/],
      ['waits', 'exec cat', 'ssh.deadline', /no root shell/],
    ])('for a ForceCommand that %s', async (_, command, code, text) => {
      const { name } = accounts.make(nopasswd)
      const sshd = await serve([`ForceCommand ${command}`])
      const { error } = await refusal({ user: name, sshd, more: { within: 1500 } })
      expect(error).toMatchObject({
        code,
        message: expect.stringMatching(text),
        details: { hint: expect.stringContaining('ForceCommand') },
      })
    })
  })

  describe('without sudo', () => {
    it('says so', async () => {
      const { name } = accounts.make()
      const sshd = await serve([`SetEnv PATH=${openFolder()}`])
      expect((await refusal({ user: name, sshd })).error).toMatchObject({
        code: 'ssh.sudo',
        message: expect.stringContaining('neither sudo nor doas'),
      })
    })

    it.skipIf(!hasDoas)(`uses doas, and gives it no password${hasDoas ? '' : ' (no doas here: skipped)'}`, async () => {
      const [may, must] = [accounts.make(), accounts.make({ sudoers: ['# doas wants a password'] })]
      writeFileSync(doasFile, `permit nopass ${may.name} as root\npermit ${must.name} as root\n`, { mode: 0o600 })
      try {
        const sshd = await serve([`SetEnv PATH=${pathWith(['doas'])}`])
        const { shell, tapes, end } = await enter({ user: may.name, sshd, sudoPassword: secret(may.password) })
        await isSound(shell)
        expect(tapes).toHaveLength(1)
        expect(sentBeforeReady(tapes)).toEqual([])
        end()
        expect((await refusal({ user: must.name, sshd, sudoPassword: secret(must.password) })).error).toMatchObject({
          code: 'ssh.sudo',
          message: expect.stringContaining('by doas: '),
          details: { hint: expect.stringContaining(`permit nopass ${must.name} as root`) },
        })
      } finally {
        rmSync(doasFile)
      }
    })
  })

  describe.each(['sh', 'bash', 'dash', 'bsd-csh', 'tcsh', 'fish', 'busybox', 'zsh'])(
    'with %s as login shell',
    (shell) => {
      const missing = has(shell) ? '' : ' (which is not here: skipped)'
      it.skipIf(missing !== '')(`and a loud profile${missing}`, async () => {
        const { name, password } = accounts.make({ ...asking, shell: shellPath(shell), home: loudHome })
        const { shell: root, tapes, end } = await enter({ user: name, sudoPassword: secret(password) })
        await isSound(root)
        expect(tapes).toHaveLength(1)
        expect(tapes[0]?.entries.some(({ text }) => text.includes('Beware'))).toBe(
          !['sh', 'dash', 'busybox'].includes(shell),
        )
        end()
      })
    },
  )

  it.skipIf(noJapanese !== '')(`understands a host that speaks Japanese${noJapanese}`, async () => {
    const locales = openFolder()
    execFileSync('localedef', ['--no-archive', '-i', 'ja_JP', '-f', 'UTF-8', join(locales, 'ja_JP.UTF-8')])
    const sshd = await serve([`SetEnv LC_ALL=ja_JP.UTF-8 LANGUAGE=ja LANG=ja_JP.UTF-8 LOCPATH=${locales}`])
    const { name: user, password } = accounts.make(asking)
    const { shell, end } = await enter({ user, sudoPassword: secret(password), sshd })
    await isSound(shell)
    end()
    const [none, bad] = await Promise.all([
      refusal({ user, sshd }),
      refusal({ user, sudoPassword: secret('wrong'), sshd }),
    ])
    expect(String(none.error)).toContain('wants a password')
    expect(String(bad.error)).toContain('refuses the password')
  })

  it('shows the password in no process of the machine', async () => {
    const { name, password } = accounts.make(asking)
    const planted = `planted-${password}`
    const decoy = spawn('sleep', ['60'], { env: { DECOY: planted }, stdio: 'ignore' })
    const seen = { looked: 0, decoys: 0, found: [] as string[] }
    const sample = setInterval(() => {
      for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
        for (const file of ['cmdline', 'environ']) {
          const text = read(`/proc/${pid}/${file}`)
          seen.looked += 1
          if (!text.includes(password)) continue
          if (pid === String(decoy.pid)) seen.decoys += 1
          else seen.found.push(`${file} of ${pid}`)
        }
    }, 10)
    const { shell, end } = await enter({ user: name, sudoPassword: secret(password) })
    await run(shell, 'sleep 0.1; cat /proc/self/environ')
    clearInterval(sample)
    decoy.kill()
    end()
    expect(seen.found).toEqual([])
    expect(seen.decoys).toBeGreaterThan(0)
    expect(seen.looked).toBeGreaterThan(100)
  })
})

const run = (
  shell: RootShell,
  script: string,
  more: { stdin?: Uint8Array; within?: number; onLine?: (line: string) => void } = {},
): Promise<Answer> => shell.request({ verb: 'run', script, within: 10_000, ...more })

/** Root, with both streams, the status, its input and a clean environment. */
const isSound = async (shell: RootShell): Promise<void> => {
  const stdin = Buffer.from('input\r\n\x03\x04\x11\x13')
  const answer = await run(shell, 'id -u; cat; printf "e\\r\\n" >&2; exit 7', { stdin })
  expect(answer).toEqual({
    status: 7,
    stdout: Buffer.concat([Buffer.from('0\n'), stdin]),
    stderr: Buffer.from('e\r\n'),
  })
  expect((await run(shell, 'echo $LC_ALL $USER $SUDO_USER; cat')).stdout.toString()).toBe('C root\n')
}

const everything = (tapes: readonly Tape[]): string =>
  tapes.map(({ command, entries }) => command + entries.map(({ text }) => text).join('')).join('\n')

/** All that went out on any channel before its loop said that it is there. */
const sentBeforeReady = (tapes: readonly Tape[]): readonly string[] =>
  tapes.flatMap(({ entries }) => {
    const ready = entries.findIndex(({ what, text }) => what === 'heard' && text.includes(':ready\n'))
    return entries
      .slice(0, ready < 0 ? undefined : ready)
      .filter(({ what }) => what === 'sent')
      .map(({ text }) => text)
  })

const heardBeforePassword = (tapes: readonly Tape[], password: string): string => {
  const entries = tapes.flatMap((tape) => tape.entries)
  const at = entries.findIndex(({ text }) => text === `${password}\n`)
  return entries
    .slice(0, at)
    .map(({ text }) => text)
    .join('')
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

const shellPath = (shell: string): string => {
  if (shell !== 'busybox')
    return execFileSync('sh', ['-c', `command -v ${shell}`])
      .toString()
      .trim()
  const file = join(openFolder(), 'ash')
  symlinkSync(execFileSync('sh', ['-c', 'command -v busybox']).toString().trim(), file)
  return file
}

/** Noise on both streams, without an end of line; csh and bash also show every command that they run. */
const loudHome = {
  '.bashrc': 'printf Welcome; printf Beware >&2; set -x\n',
  '.zshenv': 'printf Welcome; printf Beware >&2; set -x\n',
  '.cshrc': 'printf Welcome; sh -c "printf Beware >&2"; set echo\n',
  '.tcshrc': 'printf Welcome; sh -c "printf Beware >&2"; set echo\n',
  '.config/fish/config.fish': 'printf Welcome; printf Beware >&2\n',
}
