// khactl run on a real host: the plan shows what it would do and does nothing, --yes does it, the next plan is in sync.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { removeScratch } from '../transport/local-shell.js'
import { noSshd, startSshd, type Sshd } from '../transport/sshd.js'
import { fakeIo } from './fake-io.js'
import { writeOneHost } from './real-hosts.js'

describe.skipIf(noSshd !== '')(`a playbook of one's own${noSshd}`, () => {
  let sshd: Sshd
  let site = ''
  let made = ''
  beforeAll(async () => {
    sshd = await startSshd()
    site = join(sshd.folder, 'site')
    made = join(sshd.folder, 'made')
    writeOneHost(site, { sshd, port: sshd.port })
    mkdirSync(join(site, 'parts'))
    writeFileSync(join(site, 'parts/tool.bin'), Buffer.from([0, 1, 2, 255]))
    writeFileSync(
      join(site, 'parts/mine.yaml'),
      `name: mine
stages:
  - id: files
    on: master
    tasks:
      - directory: { path: ${made}, mode: 0750 }
      - file: { path: ${made}/motd, content: "Welcome\\n", mode: '0600' }
      - file: { path: ${made}/tool, source: tool.bin }
  - id: commands
    on: all
    tasks:
      - command: { run: "echo one >>${made}/log; touch ${made}/done", creates: ${made}/done }
      - command: { run: "echo two >>${made}/log", unless: "grep -q two ${made}/log", unless-is: read-only }
      - command: { run: "echo three >>${made}/log", unless: "touch ${made}/asked; grep -q three ${made}/log" }
`,
    )
  })
  afterAll(async () => {
    await sshd.stop()
    removeScratch()
  })

  const run = async (...argv: readonly string[]) => {
    const fake = fakeIo({ cwd: site, env: { XDG_STATE_HOME: join(site, 'state') } })
    const code = await main(['run', ...argv], fake.io)
    return { code, out: fake.out(), err: fake.err() }
  }

  test('is planned without a trace, done once, and in sync afterwards', async () => {
    const plan = await run('parts/mine.yaml', '--dry-run')
    expect(plan.code, plan.err).toBe(2)
    expect(plan.out).toContain('| Welcome')
    expect(plan.out).toMatch(/unknown until the test `touch .*` is done/)
    expect(existsSync(made)).toBe(false)

    const done = await run('parts/mine.yaml', '--stage', 'files', '--yes')
    expect(done.code, done.err + done.out).toBe(0)
    expect(done.out).toContain('Done: lab is as parts/mine.yaml says')
    expect(statSync(made).mode & 0o7777).toBe(0o750)
    expect(statSync(join(made, 'motd')).mode & 0o7777).toBe(0o600)
    expect([...readFileSync(join(made, 'tool'))]).toEqual([0, 1, 2, 255])

    // What is pending in stages that are left as they are is nothing to do: no question, no lock, no second look.
    const again = await run('parts/mine.yaml', '--stage', 'files')
    expect(again.code, again.err + again.out).toBe(0)
    expect(again.out).toContain('In sync')
    expect(again.out).toContain('Left as it is')

    const shown = await run('parts/mine.yaml', '--stage', 'files', '--dry-run')
    expect(shown.code, shown.err + shown.out).toBe(0)

    // Commands run in units of systemd (test/e2e); here those that have nothing to do are only looked at.
    writeFileSync(join(made, 'done'), '')
    writeFileSync(join(made, 'log'), 'two\n')
    writeFileSync(join(made, 'motd'), 'Go away\n')
    const drifted = await run('parts/mine.yaml', '--dry-run')
    expect(drifted.out).toMatch(/-Go away\n.*\+Welcome/)
    expect(existsSync(join(made, 'asked'))).toBe(false)
    writeFileSync(join(made, 'log'), 'two\nthree\n')
    const mended = await run('parts/mine.yaml', '--yes')
    expect(mended.code, mended.err + mended.out).toBe(0)
    expect(readFileSync(join(made, 'motd'), 'utf8')).toBe('Welcome\n')
    // The test that may change something has been run, and held: the command has not.
    expect(existsSync(join(made, 'asked'))).toBe(true)
    expect(readFileSync(join(made, 'log'), 'utf8')).toBe('two\nthree\n')
  })

  test('that cannot be read or run names the place, before any host is asked', async () => {
    expect(await run('none.yaml')).toMatchObject({
      code: 3,
      err: expect.stringContaining('none.yaml cannot be read [playbook.file]') as string,
    })
    writeFileSync(join(site, 'wrong.yaml'), 'name: x\nstages:\n  - { id: a, on: all, tasks: [kubeadm.init] }\n')
    const { code, err } = await run('wrong.yaml')
    expect(code).toBe(3)
    expect(err).toContain('wrong.yaml:3:31 stage a: there is no task kubeadm.init; there are file, directory,')
    expect(err).not.toContain('connected')
    writeFileSync(
      join(site, 'lost.yaml'),
      'name: x\nstages:\n  - { id: a, on: all, tasks: [{ file: { path: /x, source: no.bin } }] }\n',
    )
    expect((await run('lost.yaml')).err).toContain('no.bin cannot be read')
  })
})
