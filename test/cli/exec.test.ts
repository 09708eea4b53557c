// khactl exec against real SSH servers: output, exit codes, hosts that are away, Ctrl-C.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { isAlive, removeScratch, until } from '../transport/local-shell.js'
import { freePort, noSshd, startSshd, type Sshd } from '../transport/sshd.js'
import { fakeIo } from './fake-io.js'
import { writeInventory } from './real-hosts.js'

const ioIn = (folder: string) => fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state') } })

test('says what is missing before anything is read', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['exec --on all', 'the command is missing: it comes last, after --'],
    ['exec -- uptime', "required option '--on <hosts>' not specified"],
    ['exec a.yaml uptime --on all -- x', 'too many arguments: the command comes after --, not uptime'],
  ]
  for (const [line, message] of cases) {
    const fake = fakeIo()
    expect([line, await main(line.split(' '), fake.io)]).toEqual([line, 3])
    expect(fake.err()).toBe(`khactl: ${message}\n  khactl exec --help lists them.\n`)
  }
})

describe.skipIf(noSshd !== '')(`exec${noSshd}`, () => {
  let sshd: Sshd
  let folder = ''
  beforeAll(async () => {
    sshd = await startSshd()
    folder = join(sshd.folder, 'site')
    writeInventory(folder, {
      sshd,
      hosts: [
        { name: 'lb-1', list: 'haproxy', address: '127.0.0.3', port: await freePort() },
        { name: 'm1', list: 'masters', address: '127.0.0.1', port: sshd.port },
        { name: 'worker-1', list: 'workers', address: 'localhost', port: sshd.port },
      ],
    })
  })
  afterAll(async () => {
    await sshd.stop()
    removeScratch()
  })

  const run = async (...argv: readonly string[]) => {
    const fake = ioIn(folder)
    const code = await main(['exec', ...argv], fake.io)
    return { code, out: fake.out().split('\n').sort().join('\n').trim(), err: fake.err() }
  }

  test('prints every line with its host, aligned, and contacts the named hosts alone', async () => {
    expect(await run('--on', 'm1,worker', '--', 'echo one; echo two >&2; id -u')).toEqual({
      code: 0,
      out: [
        'm1       │ 0',
        'm1       │ one',
        'm1       │ two',
        'worker-1 │ 0',
        'worker-1 │ one',
        'worker-1 │ two',
      ].join('\n'),
      err: '2 hosts: 2 ok\n',
    })
  })

  test('quotes each of several words, gives no input, and takes options of the command as its own', async () => {
    const { out } = await run('--on', 'm1', '--', 'printf', '<%s>\\n', 'a b', '$HOME', "it's", '--json', '--')
    expect(out.split('\n')).toEqual(['m1 │ <$HOME>', 'm1 │ <-->', 'm1 │ <--json>', 'm1 │ <a b>', "m1 │ <it's>"])
    expect(await run('--on', 'm1', '--', 'cat')).toMatchObject({ code: 0, out: '' })
  })

  test('ends with the greatest status; a host that is away counts with its own code', async () => {
    expect(await run('--on', 'm1', '--on', 'worker', '--', '[ ! -t 0 ]; exit 3')).toMatchObject({
      code: 3,
      err: '2 hosts: 0 ok, 2 failed (m1: 3, worker-1: 3)\n',
    })
    const away = await run('--on', 'all', '--', 'exit 1')
    expect(away.code).toBe(4)
    expect(away.err).toMatch(/\n3 hosts: 0 ok, 2 failed \(m1: 1, worker-1: 1\), 1 not reached \(lb-1\)\n$/)
    expect(away.err).toContain('[ssh.unreachable]')
    expect((await run('--on', 'all', '--', 'exit 77')).code).toBe(77)
  })

  test('ends a command whose time is over', async () => {
    const late = await run('--on', 'm1', '--within', '1', '--', 'sleep 30')
    expect(late).toMatchObject({ code: 124, err: '1 host: 0 ok, 1 failed (m1: 124, its time ran out)\n' })
  })

  test('--json is one object a line, --parallel 1 one host after the other', async () => {
    const { out, code } = await run('--on', 'm1,worker-1', '--json', '--parallel', '1', '--', 'echo "$0" >&2; exit 2')
    expect(code).toBe(2)
    const said = out.split('\n').map((line) => JSON.parse(line) as { host: string; status?: number; line?: string })
    expect(said.filter(({ line }) => line !== undefined)).toHaveLength(2)
    expect(said.filter(({ status }) => status === 2).map(({ host }) => host)).toEqual(['m1', 'worker-1'])
  })

  test('a word that means no host connects to none', async () => {
    const { code, err } = await run('--on', 'm1,worke', '--', 'true')
    expect(code).toBe(3)
    expect(err).toBe('--on worke: no host of the inventory is meant by it [cli.limit]\n  → Did you mean worker?\n')
  })

  test('Ctrl-C ends what runs on the hosts, with 130', async () => {
    const fake = ioIn(folder)
    const mark = join(folder, 'pid')
    const ended = main(['exec', '--on', 'm1', '--', `echo $$ >${mark}; sleep 30`], fake.io)
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8') !== '')
    fake.raise('SIGINT')
    expect(await ended).toBe(130)
    expect(fake.err()).toBe('1 host: 0 ok, 1 interrupted (m1)\n')
    const pid = Number(readFileSync(mark, 'utf8'))
    await until(() => !isAlive(pid))
  })

  test('everything is in the log', async () => {
    await run('--on', 'm1', '--', 'echo kept')
    const runs = join(folder, 'state/khactl/runs')
    const last =
      readdirSync(runs)
        .sort((a, b) => a.length - b.length || a.localeCompare(b))
        .at(-1) ?? ''
    const log = readFileSync(join(runs, last), 'utf8')
    expect(log).toContain('"line":"kept"')
    expect(log).toContain('"type":"run-ended","exit":"ok"')
  })
})
