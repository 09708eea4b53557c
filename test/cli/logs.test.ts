// khactl logs: recorded runs, written by the log itself and told again.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import type { HostName } from '../../src/model/host.js'
import type { Stamped } from '../../src/report/bus.js'
import { openLog } from '../../src/report/log.js'
import { runs, start } from '../report/runs.js'
import { fakeIo } from './fake-io.js'

process.env['TZ'] = 'UTC'

let folder = ''
const files: Record<string, string> = {}
const hour = 3_600_000

const record = (
  name: string,
  { events, again, at }: { events: readonly Stamped[]; again: string; at: number },
): void => {
  const command = again.split(' ')[1] ?? ''
  const directory = join(folder, 'khactl/runs')
  const log = openLog({ directory, now: () => start + at, command, about: { version: 'khactl 0.1.0', again } })
  for (const event of events) log.sink.take({ ...event, at: event.at + at })
  log.sink.close?.()
  files[name] = log.file
}

const m1 = 'm1' as HostName
const execRun: readonly Stamped[] = [
  { at: start, type: 'run-started', command: 'exec', inventory: 'i.yaml', cluster: 'lab', hosts: [m1] },
  { at: start, type: 'command', host: m1, command: 'uptime' },
  { at: start, type: 'output', host: m1, line: 'up 3 days' },
  { at: start + 900, type: 'command-ended', host: m1, status: 7, tookMs: 900, tail: [] },
  { at: start + 1000, type: 'run-ended', exit: 'failed', roundTrips: { m1: 1 } },
]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khactl-logs-'))
  record('failed', { events: runs.failed, again: 'khactl up prod.yaml --yes', at: 0 })
  record('plan', { events: runs.plan, again: 'khactl plan', at: hour })
  record('exec', { events: execRun, again: 'khactl exec --on m1 -- uptime', at: 2 * hour })
  record('killed', { events: runs.up.slice(0, -30), again: 'khactl up', at: 3 * hour })
  // What a crash leaves of the last line.
  appendFileSync(files['killed'] ?? '', '{"level":30,"ti')
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (...argv: readonly string[]) => {
  const fake = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: folder } })
  const code = await main(['logs', ...argv], fake.io)
  return { code, out: fake.out(), err: fake.err() }
}

test('--list has the last run first, with how it ended', async () => {
  const { code, out } = await run('--list')
  expect(code).toBe(0)
  expect(out.split('\n').map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
    'started took ended command',
    expect.stringMatching(/^1 2026-11-21 04:39:06 .* no end khactl up$/),
    '2 2026-11-21 03:39:06 1.0 s failed khactl exec --on m1 -- uptime',
    expect.stringMatching(/^3 2026-11-21 02:39:06 .* changes khactl plan$/),
    expect.stringMatching(/^4 2026-11-21 01:39:06 .* failed khactl up prod\.yaml --yes$/),
    '',
  ])
  const objects = (await run('--list', '--json')).out.trim().split('\n')
  expect(JSON.parse(objects[1] ?? '')).toMatchObject({ command: 'exec', exit: 'failed', file: files['exec'] })
})

describe('one run', () => {
  test('that failed: what was done, what failed and why, how it ended', async () => {
    const { code, out } = await run('--run', '4')
    expect(code).toBe(0)
    expect(out.split('\n').slice(0, 2)).toEqual([
      'khactl up prod.yaml --yes',
      `2026-11-21 01:39:06, khactl 0.1.0, ${files['failed']}`,
    ])
    expect(out).toMatch(/\d\d:\d\d:\d\d master-2 {3}FAILED /)
    expect(out).toMatch(/ \| .*\n/)
    expect(out).toMatch(/: done in /)
    expect(out).not.toContain(': ok\n')
    expect(out).toMatch(/\n\nEnded after [^\n]*: failed, exit code 1\.\n$/)
    expect((await run('--run', files['failed'] ?? '')).out).toBe(out)
  })

  test('of a plan, and of exec: the point of them is told without --verbose', async () => {
    expect((await run('--run', '3')).out).toMatch(/: would change\n[^]*Ended after .*: changes, exit code 2\./)
    const { out } = await run('--run', '2')
    expect(out.split('\n').slice(3)).toEqual([
      expect.stringMatching(/ khactl exec: cluster lab, i\.yaml, 1 host$/),
      '03:39:06 m1  | up 3 days',
      '03:39:06 m1  exit status 7 after 0.9 s',
      '',
      'Ended after 1.0 s: failed.',
      '',
    ])
  })

  test('that was killed says so, and is the last one', async () => {
    expect((await run()).out).toMatch(
      /\n\nThe log ends here, after .*: khactl was ended from outside, or is still at work\.\n$/,
    )
  })

  test('--host leaves the others out, in text and in JSON', async () => {
    const { out } = await run('--run', '4', '--host', 'master-2')
    expect(out).toContain('master-2')
    expect(out).not.toContain('\n01:39:06 worker-1')
    const json = (await run('--run', '4', '--host', 'master-2', '--json')).out.trim().split('\n')
    const hosts = json.map((line) => (JSON.parse(line) as { event?: { host?: string } }).event?.host)
    expect(new Set(hosts)).toEqual(new Set([undefined, 'master-2']))
    expect(await run('--run', '4', '--host', 'master-9')).toMatchObject({
      code: 3,
      err: expect.stringContaining(
        'master-9 was no part of that run [logs.host]\n  → Did you mean master-1?',
      ) as string,
    })
  })
})

test('runs that are not there', async () => {
  expect(await run('--run', '9')).toMatchObject({ code: 3, err: expect.stringContaining('4 are recorded') as string })
  expect(await run('--run', './none.log')).toMatchObject({
    code: 3,
    err: expect.stringContaining('not the log') as string,
  })
  const fresh = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, 'fresh') } })
  expect(await main(['logs'], fresh.io)).toBe(1)
  expect(fresh.err()).toMatch(/^no run is recorded yet in .*fresh\/khactl\/runs\s+\[logs\.none\]\n$/)
  expect(await main(['logs', '--list'], fresh.io)).toBe(0)
  expect(fresh.out()).toMatch(/^No run is recorded yet/)
})
