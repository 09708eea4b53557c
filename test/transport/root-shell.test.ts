// The program on the host, run for real in every sh that is here.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { rootShellCommand } from '../../src/transport/become.js'
import type { Answer } from '../../src/model/session.js'
import { has, isAlive, openLocal, removeScratch, scratch, shells, until, type LocalShell } from './local-shell.js'

afterAll(removeScratch)

const run = (
  shell: LocalShell,
  script: string,
  more: { stdin?: Uint8Array; within?: number; onLine?: (line: string) => void } = {},
): Promise<Answer> => shell.request({ verb: 'run', script, within: 5000, ...more })
const out = async (shell: LocalShell, script: string): Promise<string> => (await run(shell, script)).stdout.toString()

const isHere = shells.map((shell) => ({
  shell,
  name: `${shell.join(' ')}${has(shell[0] ?? '') ? '' : ' (which is not here: skipped)'}`,
}))

// Concurrent, because a container's PID 1 may take seconds to reap what a killed script leaves.
describe.concurrent.each(isHere)('the loop under $name', ({ shell }) => {
  const test = (name: string, body: (host: LocalShell) => Promise<void>): void =>
    it.skipIf(!has(shell[0] ?? ''))(name, async () => {
      const host = await openLocal(shell)
      await body(host)
      await host.close()
    })

  test('answers with both streams and the status', async (host) => {
    const answer = await run(host, 'printf out; printf err >&2; exit 3')
    expect(answer).toEqual({ status: 3, stdout: Buffer.from('out'), stderr: Buffer.from('err') })
    expect(await run(host, 'printf "again\n\n"')).toMatchObject({ status: 0, stdout: Buffer.from('again\n\n') })
    expect(await run(host, '')).toMatchObject({ status: 0, stdout: Buffer.alloc(0) })
  })

  test('goes on after exit, set -e, a syntax error, exec, kill $$ and kill 0', async (host) => {
    expect((await run(host, 'set -e; false; echo not here')).status).toBe(1)
    const broken = await run(host, 'if true; then echo half')
    expect(broken.status).toBeGreaterThan(0)
    expect(broken.stderr.toString()).not.toBe('')
    expect((await run(host, 'exec sh -c "exit 9"')).status).toBe(9)
    expect((await run(host, 'kill -9 $$; sleep 1')).status).toBe(137)
    expect((await run(host, 'kill -TERM 0; sleep 1')).status).toBe(143)
    expect(await out(host, 'echo alive')).toBe('alive\n')
  })

  test('leaks neither folder, variable, option nor umask into the next script', async (host) => {
    await run(host, 'cd /tmp; LEAK=1; export LEAK; set -u; umask 0; s=changed; exec >/dev/null')
    expect(await out(host, 'pwd; echo "${LEAK-none} $# $0"; umask; : "$undefined"')).toBe(
      `${process.cwd()}\nnone 0 khactl\n0022\n`,
    )
  })

  test('gives a clean environment', async (host) => {
    const environment = await out(host, 'env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort')
    expect(environment.split('\n')).toEqual([
      'DEBIAN_FRONTEND=noninteractive',
      'HOME=/dev/null',
      'LC_ALL=C',
      'LOGNAME=root',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'SHELL=/bin/sh',
      'TERM=dumb',
      'TZ=UTC',
      'USER=root',
      '',
    ])
  })

  test('keeps binary output and binary input as they are', async (host) => {
    const bytes = randomBytes(300_000)
    const answer = await run(host, 'cat; cat /proc/self/fd/0 >&2', { stdin: bytes })
    expect(answer.stdout.equals(bytes)).toBe(true)
    expect(answer.stderr.equals(bytes)).toBe(true)
  })

  test('takes 5 MB of input, read or not, and leaves no file', async (host) => {
    const bytes = randomBytes(5_000_003)
    const sum = createHash('sha256').update(bytes).digest('hex')
    expect((await run(host, 'sha256sum', { stdin: bytes })).stdout.toString()).toBe(`${sum}  -\n`)
    expect((await run(host, 'head -c 5', { stdin: bytes })).stdout.length).toBe(5)
    expect((await run(host, 'exit 4', { stdin: bytes })).status).toBe(4)
    expect(await out(host, 'cat')).toBe('')
    await until(() => !readdirSync('/run').some((name) => /^khactl\.\w{6}$/.test(name)))
  })

  test('takes a long script with a secret, and shows it to no process list', async (host) => {
    const secret = randomBytes(12).toString('hex')
    const script = `password=${secret}
${`: ${'x'.repeat(98)}
`.repeat(3000)}
      all=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr -c '[:print:]' ' '); case $all in *$password*) echo seen;; *khactl*) echo unseen;; esac`
    expect((await run(host, script)).stdout.toString()).toBe('unseen\n')
  })

  test('does not wait for a child that holds its output', async (host) => {
    const before = Date.now()
    const answer = await run(host, 'sleep 30 & echo $!')
    expect(Date.now() - before).toBeLessThan(5_000)
    const child = Number(answer.stdout.toString())
    expect(isAlive(child)).toBe(true)
    await host.close()
    await host.exited
    // It was left behind on purpose by a script that ended well.
    expect(isAlive(child)).toBe(true)
    process.kill(child)
  })

  test('ends a script at its deadline with 124 and what it wrote, and goes on', async (host) => {
    const answer = await run(host, 'echo first; sleep 30 & echo $!; wait', { within: 300 })
    expect(answer.status).toBe(124)
    const [first, child] = answer.stdout.toString().split('\n')
    expect(first).toBe('first')
    await until(() => !isAlive(Number(child)))
    expect(await out(host, 'echo alive')).toBe('alive\n')
  })

  test('ends its script when the link is cut', async (host) => {
    const file = join(scratch(), 'pid')
    const answer = run(host, `sh -c 'echo $$ >${file}; exec sleep 30'`)
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    const child = Number(readFileSync(file, 'utf8'))
    host.cut()
    // Only the way there is cut: the way back still says how it ended.
    expect((await answer).status).toBe(124)
    await host.exited
    await until(() => !isAlive(child))
  })

  test('never runs a script of which only a part arrived', async () => {
    const file = join(scratch(), 'ran')
    const far = await openLocal(shell, {})
    void far
      .request({ verb: 'run', script: `cat >${file}`, stdin: randomBytes(64_000_000), within: 5000 })
      .catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 30))
    far.cut()
    await far.exited
    expect(existsSync(file)).toBe(false)
    await far.close()
  })

  test('ignores login noise on both streams', async () => {
    const noisy = await openLocal(shell, { noise: 'Welcome!\n@khactl:0000:start\nno newline' })
    expect(await run(noisy, 'echo x; echo y >&2')).toEqual({
      status: 0,
      stdout: Buffer.from('x\n'),
      stderr: Buffer.from('y\n'),
    })
    await noisy.close()
  })

  test('gives the lock to one, names it to the others, and frees it with the shell', async () => {
    const lock = join(scratch(), 'khactl.lock')
    const ask = (who: LocalShell, name: string, verb: 'lock' | 'break' = 'lock') =>
      who.request({ verb, script: name, within: 5000 })
    const [first, second] = await Promise.all([openLocal(shell, { lock }), openLocal(shell, { lock })])
    expect((await ask(first, 'anna@desk, pid 1')).status).toBe(0)
    expect((await ask(first, 'anna@desk, pid 1')).status).toBe(0)
    const refused = await ask(second, 'bert')
    expect([refused.status, refused.stdout.toString()]).toEqual([1, 'anna@desk, pid 1\n'])
    // A child of a script must not keep it.
    await run(first, 'sleep 5 >/dev/null 2>&1 &')
    await first.close()
    await first.exited
    expect((await ask(second, 'bert')).status).toBe(0)
    expect(await out(second, 'echo mine')).toBe('mine\n')
    const third = await openLocal(shell, { lock })
    expect((await ask(third, 'carl', 'break')).status).toBe(0)
    expect(readFileSync(lock, 'utf8')).toBe('carl\n')
    expect((await run(second, 'echo still mine')).status).toBe(999)
    expect(await out(third, 'echo mine')).toBe('mine\n')
    await Promise.all([second.close(), third.close()])
  })

  test('says why it cannot lock', async () => {
    const far = await openLocal(shell, { lock: '/proc/no/such/folder' })
    const answer = await far.request({ verb: 'lock', script: 'anna', within: 5000 })
    expect(answer.status).toBe(2)
    expect(answer.stderr.toString()).not.toBe('')
    expect(await out(far, 'echo alive')).toBe('alive\n')
    await far.close()
  })

  test('keeps alive by pings that are no requests', async () => {
    const far = await openLocal(shell, { pingEvery: 20 })
    await until(() => far.pings() > 3)
    expect(await out(far, 'sleep 0.2; echo alive')).toBe('alive\n')
    await far.close()
  })

  test('reports lines while the script runs', async (host) => {
    const lines: string[] = []
    const answer = run(host, 'printf "one\\n\\033[31mtwo\\033[0m\\r\\n"; read x; echo 10%; printf "\\n\\nlast"', {
      onLine: (line) => lines.push(line),
    })
    await answer
    expect(lines).toEqual(['one', 'two', '10%', '', '', 'last'])
  })
})

const noScript = has('script') ? '' : ' (no script here: skipped)'

describe.concurrent.each(isHere)('the loop under $name, on a terminal', ({ shell }) => {
  const test = (name: string, body: (host: LocalShell) => Promise<void>): void =>
    it.skipIf(!has(shell[0] ?? '') || noScript !== '')(`${name}${noScript}`, async () => {
      const host = await openLocal(shell, { terminal: 'pty' })
      await body(host)
      await host.close()
    })

  test('keeps streams apart and bytes as they are, one request after the other', async (host) => {
    const bytes = randomBytes(300_000)
    for (let round = 0; round < 2; round += 1) {
      const answer = await run(host, 'cat; cat /proc/self/fd/0 >&2; exit 3', { stdin: bytes })
      expect(answer.status).toBe(3)
      expect(answer.stdout.equals(bytes)).toBe(true)
      expect(answer.stderr.equals(bytes)).toBe(true)
    }
    expect(await run(host, 'printf err >&2')).toEqual({
      status: 0,
      stdout: Buffer.alloc(0),
      stderr: Buffer.from('err'),
    })
    expect(await run(host, '')).toEqual({ status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) })
  })

  test('goes on after what a script does to itself, and ends it at its deadline', async (host) => {
    expect((await run(host, 'kill -TERM 0; sleep 1')).status).toBe(143)
    expect((await run(host, 'echo >/dev/tty')).status).toBeGreaterThan(0)
    const answer = await run(host, 'echo first; echo second >&2; sleep 30', { within: 300 })
    expect(answer).toEqual({ status: 124, stdout: Buffer.from('first\n'), stderr: Buffer.from('second\n') })
    expect(await host.request({ verb: 'lock', script: 'anna', within: 5000 })).toMatchObject({ status: 0 })
    expect(await out(host, 'echo alive; ls -l /proc/$$/fd | grep -c khactl')).toBe('alive\n1\n')
  })

  test('ends its script and frees the lock when it is hung up', async (host) => {
    await host.request({ verb: 'lock', script: 'anna', within: 5000 })
    const file = join(scratch(), 'pid')
    const lost = run(host, `echo $$ >${file}; exec sleep 30`).catch(() => 'lost')
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    await host.close()
    expect(await lost).toBe('lost')
    await until(() => !isAlive(Number(readFileSync(file, 'utf8'))), 9000)
    const other = await openLocal(shell, { lock: host.lock })
    const taken = async () => (await other.request({ verb: 'lock', script: 'bert', within: 5000 })).status
    await vi.waitFor(async () => expect(await taken()).toBe(0), { timeout: 12_000 })
    await other.close()
  })
})

describe('the command of the exec request', () => {
  it('passes through login shells that are not POSIX', () => {
    const command = rootShellCommand({ how: 'password', terminal: 'pty' }, 'abc')
    expect(command).not.toMatch(/!(?! )|\n|`/)
    expect(command.match(/'/g)).toHaveLength(6)
  })

  it.each(['csh', 'tcsh', 'fish', 'zsh', 'ksh'].filter(has))('is understood by %s', (shell) => {
    const answer = execFileSync(
      shell,
      ['-c', rootShellCommand({ how: 'login', terminal: 'none' }, '0123456789abcdef')],
      { input: '' },
    )
    expect(answer.toString()).toBe('\n@khactl:0123456789abcdef:ready\n')
  })

  it('writes nothing where there is nothing to do', () => {
    const file = join(scratch(), 'input')
    writeFileSync(file, '')
    expect(
      execFileSync('sh', ['-c', rootShellCommand({ how: 'login', terminal: 'none' }, 'x')], { input: '' }).toString(),
    ).toBe('\n@khactl:x:ready\n')
  })
})
