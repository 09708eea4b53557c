// The bus, plain lines, JSON, the log and the summary: recorded runs in, text out.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Event } from '../../src/model/event.js'
import type { HostName } from '../../src/model/host.js'
import { createBus, type Sink, type Stamped } from '../../src/report/bus.js'
import { createLinesSink } from '../../src/report/lines.js'
import { openLog } from '../../src/report/log.js'
import { createNdjsonSink } from '../../src/report/ndjson.js'
import { progressKind } from '../../src/report/progress.js'
import { createRedactor } from '../../src/report/redact.js'
import { createRunRecord } from '../../src/report/run-record.js'
import { createStyle } from '../../src/report/style.js'
import { summaryText } from '../../src/report/summary.js'
import { manyRun } from './many.js'
import { runs, start } from './runs.js'

process.env['TZ'] = 'UTC'

const collect = () => {
  const writes: string[] = []
  return { writes, stream: { write: (text: string) => void writes.push(text) }, text: () => writes.join('') }
}
const worker = 'worker-1' as HostName

describe('the bus', () => {
  const note = (text: string): Event => ({ type: 'note', level: 'info', text })

  test('stamps, masks, and tells every sink at once', () => {
    const seen: Stamped[] = []
    const redact = createRedactor()
    redact.register('hunter2')
    const bus = createBus({ now: () => 42, sinks: [{ name: 'a', take: (event) => void seen.push(event) }], redact })
    bus.emit(note('the password is hunter2'))
    expect(seen).toEqual([{ type: 'note', level: 'info', text: 'the password is ***', at: 42 }])
  })

  test('goes on without a sink that throws, and says so once', () => {
    const seen: Stamped[] = []
    const bad: Sink = {
      name: 'log',
      take: () => {
        throw new Error('ENOSPC: no space left on device')
      },
    }
    const good: Sink = { name: 'good', take: (event) => void seen.push(event) }
    const bus = createBus({ now: () => 1, sinks: [bad, good], redact: createRedactor() })
    bus.emit(note('one'))
    bus.emit(note('two'))
    bus.close()
    expect(seen.map((event) => (event.type === 'note' ? event.text : ''))).toEqual([
      'one',
      'The log output stopped: ENOSPC: no space left on device. The run goes on without it.',
      'two',
    ])
    expect([...bus.broken().keys()]).toEqual(['log'])
  })
})

describe('lines', () => {
  beforeEach(() => void vi.useFakeTimers({ now: start }))
  afterEach(() => void vi.useRealTimers())
  const played = (events: readonly Stamped[], verbosity: 'normal' | 'verbose' = 'normal') => {
    const { stream, text, writes } = collect()
    const sink = createLinesSink({ stream, now: Date.now, verbosity })
    for (const event of events) {
      vi.advanceTimersByTime(Math.max(0, event.at - Date.now()))
      sink.take(event)
    }
    sink.close?.()
    return { text: text(), writes }
  }

  test.each([
    ['up', 'normal'],
    ['failed', 'normal'],
    ['failed', 'verbose'],
    ['plan', 'normal'],
  ] as const)('%s, %s', async (name, verbosity) => {
    const { text } = played(runs[name], verbosity)
    expect(text).not.toContain('\u001B')
    await expect(text).toMatchFileSnapshot(`./golden/lines/${name}-${verbosity}.txt`)
  })

  test('every write is whole lines of one host', () => {
    const { writes } = played(manyRun(20), 'verbose')
    expect(writes.length).toBeGreaterThan(3_000)
    for (const write of writes) expect(write).toMatch(/^(\d\d:\d\d:\d\d (\S+) .*\n)(\d\d:\d\d:\d\d \2 .*\n)*$/)
  })

  test('a slow step is named after 3 s and every 15 s; a quick one only when it is done', () => {
    const place = { host: worker, stage: 's', step: 'x', title: 'Pull images' }
    const ended = { type: 'step-ended', ...place, verdict: { kind: 'changed', changes: [] }, tookMs: 40_000 } as const
    const { text } = played([
      { type: 'step-started', ...place, at: start },
      { ...ended, at: start + 40_000 },
    ])
    expect(text).toBe(
      [
        '01:39:09 worker-1  Pull images',
        '01:39:24 worker-1  Pull images: still running after 18 s',
        '01:39:39 worker-1  Pull images: still running after 33 s',
        '01:39:46 worker-1  Pull images: done in 40 s',
        '',
      ].join('\n'),
    )
  })

  test('a slow step says what it waits for, as it is by then; each reason at once with --verbose', () => {
    const place = { host: worker, stage: 's', step: 'x', title: 'Join' }
    const events: readonly Stamped[] = [
      { type: 'step-started', ...place, at: start },
      { type: 'waiting', ...place, why: 'the kubelet is stopped', at: start + 1_000 },
      { type: 'waiting', ...place, why: 'node absent', at: start + 20_000 },
      { type: 'step-ended', ...place, verdict: { kind: 'changed', changes: [] }, tookMs: 40_000, at: start + 40_000 },
    ]
    expect(played(events).text.split('\n').slice(1, 3)).toEqual([
      '01:39:24 worker-1  Join: still running after 18 s: the kubelet is stopped',
      '01:39:39 worker-1  Join: still running after 33 s: node absent',
    ])
    expect(played(events, 'verbose').text.split('\n')).toContain('01:39:26 worker-1  waiting: node absent')
  })

  test('strips what hosts print of everything that moves a cursor', () => {
    const line = 'Get:1 \r\u001B[33mProgress\u001B[0m: [ 50%]\u0007\u001B]0;x\u0007'
    const { text } = played([{ type: 'output', host: worker, line, at: start }], 'verbose')
    expect(text).toBe('01:39:06 worker-1  | Progress: [ 50%]\n')
  })
})

test('JSON: a line an event, and they replay to the same summary', () => {
  const { stream, text } = collect()
  const sink = createNdjsonSink(stream)
  for (const event of runs.failed) sink.take(event)
  const lines = text().trimEnd().split('\n')
  const parsed = lines.map((line) => JSON.parse(line) as { at: string })
  expect(parsed.length).toBe(runs.failed.length)
  expect(parsed[0]).toMatchObject({ at: '2026-11-21T01:39:06.000Z', type: 'run-started' })
  const [one, two] = [createRunRecord(), createRunRecord()]
  for (const event of runs.failed) one.take(event)
  for (const event of parsed) two.take({ ...event, at: Date.parse(event.at) } as unknown as Stamped)
  expect(two.record()).toEqual(one.record())
})

describe('the log', () => {
  const directories: string[] = []
  const directory = () => {
    directories.push(mkdtempSync(join(tmpdir(), 'khactl-log-')))
    return join(directories.at(-1) ?? '', 'state', 'runs')
  }
  afterEach(() => {
    for (const one of directories.splice(0)) rmSync(one, { recursive: true })
  })

  test('holds every event at once, and only its owner may read it', () => {
    const { file, sink } = openLog({ directory: directory(), now: () => start, command: 'up', about: { version: '1' } })
    for (const event of runs.failed) sink.take(event)
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.length).toBe(runs.failed.length + 1)
    expect(lines[0]).toEqual({ level: 30, time: start, about: { version: '1' } })
    expect(lines[1]).toMatchObject({ level: 30, time: start, event: { type: 'run-started' } })
    expect(lines.filter(({ level }) => level === 50).length).toBe(1)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
    expect(file).toMatch(/runs\/2026-11-21T01-39-06\.000Z-up\.log$/)
    sink.close?.()
  })

  test('only what is found to be well waits for company, and not for long', async () => {
    const { file, sink } = openLog({ directory: directory(), now: () => start, command: 'plan', about: {} })
    const count = (): number => readFileSync(file, 'utf8').trimEnd().split('\n').length
    const place = { host: 'm1' as HostName, stage: 'prepare', step: 'swap', title: 'Swap off', tookMs: 1 }
    const ok = { type: 'step-ended', at: start, ...place, verdict: { kind: 'ok', problems: [] } } as const
    sink.take(ok)
    expect(count()).toBe(1)
    sink.take({ ...ok, verdict: { kind: 'unreadable', why: 'x' } })
    expect(count()).toBe(3)
    sink.take(ok)
    await expect.poll(count, { timeout: 10_000 }).toBe(4)
    for (let number = 0; number < 200; number += 1) sink.take(ok)
    expect(count()).toBeGreaterThan(50)
    sink.close?.()
    expect(count()).toBe(204)
  })

  test('two runs of one millisecond have a log each', () => {
    const folder = directory()
    const open = () => openLog({ directory: folder, now: () => start, command: 'up', about: {} }).file
    expect(new Set([open(), open(), open()]).size).toBe(3)
  })

  test('keeps the last twenty, and files of others', () => {
    const folder = directory()
    const open = (index: number) =>
      openLog({ directory: folder, now: () => start + index * 1_000, command: 'plan', about: {} })
    open(0)
    writeFileSync(join(folder, 'notes.log'), '')
    for (let index = 0; index < 25; index += 1) open(index)
    const left = readdirSync(folder).sort()
    expect(left.length).toBe(21)
    expect(left[0]).toContain('01-39-11')
    expect(left.at(-1)).toBe('notes.log')
  })

  test('a folder that cannot be made is said, with what to do', () => {
    const options = { directory: '/dev/null/runs', now: () => start, command: 'up', about: {} }
    expect(() => openLog(options)).toThrow('the log of this run cannot be written to /dev/null/runs')
  })

  test('two runs in the same millisecond have two files', () => {
    const folder = directory()
    const options = { directory: folder, now: () => start, command: 'up', about: {} }
    expect(openLog(options).file).not.toBe(openLog(options).file)
  })
})

describe('the summary', () => {
  const view = {
    style: createStyle('never'),
    again: 'khactl up lab.yaml',
    log: '/root/.local/state/khactl/runs/x.log',
    kubeconfig: { file: '/root/.kube/lab.conf', server: 'https://k8s.lab.test:6443' },
  }
  test.each(Object.entries(runs))('%s', async (name, events) => {
    const sink = createRunRecord()
    for (const event of events) sink.take(event)
    await expect(summaryText(sink.record(), view)).toMatchFileSnapshot(`./golden/summary/${name}.txt`)
  })

  test('many failures are told in full four times, then by a line each', () => {
    const sink = createRunRecord()
    for (let index = 1; index <= 30; index += 1)
      sink.take({
        type: 'failure',
        host: `worker-${index}` as HostName,
        failure: { code: 'ssh.connect', message: 'connection refused', exit: 'unreachable', hint: 'Is sshd running?' },
        at: start,
      })
    sink.take({ type: 'run-ended', exit: 'unreachable', roundTrips: {}, at: start })
    const text = summaryText(sink.record(), view)
    expect(text.match(/Is sshd running/g)?.length).toBe(4)
    expect(text).toContain('worker-30: connection refused\n')
  })
})

test.each([
  [{ isTTY: true, columns: 80, rows: 24 }, {}, 'tree'],
  [{ isTTY: true, columns: 0, rows: 24 }, {}, 'lines'],
  [{ isTTY: true, columns: 39, rows: 24 }, {}, 'lines'],
  [{ isTTY: true, columns: 80, rows: 24 }, { CI: 'true' }, 'lines'],
  [{ isTTY: true, columns: 80, rows: 24 }, { TERM: 'dumb' }, 'lines'],
  [{ isTTY: false, columns: 80, rows: 24 }, {}, 'lines'],
] as const)('progress on %j with %j is %s', (terminal, env, kind) => {
  expect(progressKind({ stream: { write: () => true, ...terminal }, env, output: 'text' })).toBe(kind)
  expect(progressKind({ stream: { write: () => true, ...terminal }, env, output: 'json' })).toBe('json')
})
