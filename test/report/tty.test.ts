// The terminal's picture: what stands on the screen at moments of recorded runs, its limits, and what it costs.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Stamped } from '../../src/report/bus.js'
import { createStyle } from '../../src/report/style.js'
import { createTtySink } from '../../src/report/tty.js'
import { displayWidth } from '../../src/text/width.js'
import { fakeTerminal, type FakeTerminal } from './fake-terminal.js'
import { manyRun } from './many.js'
import { runs, start } from './runs.js'

beforeEach(() => void vi.useFakeTimers({ now: start, toFake: ['setInterval', 'clearInterval', 'Date'] }))
afterEach(() => void vi.useRealTimers())

interface Show {
  readonly terminal: FakeTerminal
  readonly marks?: 'unicode' | 'ascii'
  readonly colour?: 'always' | 'never'
  readonly verbosity?: 'normal' | 'verbose'
}

/** Plays the events up to a moment (ms from the start), with the clock going in steps of a frame. */
const play = async (events: readonly Stamped[], until: number, show: Show): Promise<void> => {
  const { terminal, marks = 'unicode', colour = 'never', verbosity = 'normal' } = show
  vi.setSystemTime(start)
  const sink = createTtySink({ stream: terminal, now: Date.now, style: createStyle(colour), marks, verbosity })
  for (const event of events) {
    if (event.at > start + until) break
    while (Date.now() < event.at) {
      await vi.advanceTimersByTimeAsync(Math.min(100, event.at - Date.now()))
    }
    sink.take(event)
    await Promise.resolve()
  }
  if (until === Infinity) sink.close?.()
  else await vi.advanceTimersByTimeAsync(start + until - Date.now())
}

describe.each([80, 140])('at %i columns', (columns) => {
  test.each([
    ['connecting', runs.up, 50],
    ['the first stage of up', runs.up, 31_000],
    ['the last stages of up', runs.up, 235_000],
    ['after a failure', runs.failed, 218_000],
    ['the end of up', runs.up, Infinity],
    ['the end of a run that failed', runs.failed, Infinity],
    ['the end of a plan', runs.plan, Infinity],
    ['thirty hosts', manyRun(30), 8_000],
    ['thirty hosts after a failure', manyRun(30), 16_000],
  ])('%s', async (name, events, until) => {
    const terminal = fakeTerminal(columns, 24)
    await play(events, until, { terminal })
    const file = `./golden/tty/${columns}-${name.replaceAll(' ', '-')}.txt`
    await expect(`${terminal.screen().join('\n').trimEnd()}\n`).toMatchFileSnapshot(file)
  })
})

describe('the picture', () => {
  test('never takes more than rows-2 lines of columns-1, with 60 hosts on a small terminal', async () => {
    const terminal = fakeTerminal(60, 12)
    await play(manyRun(60), 6_000, { terminal })
    const frames = terminal.chunks().map((chunk) =>
      chunk
        .replace(/\u001B\[[?\d;]*[A-Za-z]|\r/g, '')
        .split('\n')
        .slice(0, -1),
    )
    expect(frames.length).toBeGreaterThan(40)
    expect(Math.max(...frames.map((lines) => lines.length))).toBe(10)
    expect(Math.max(...frames.flat().map(displayWidth))).toBe(59)
  })

  test('is drawn ten times a second at most, however much two hundred hosts print', async () => {
    const terminal = fakeTerminal(120, 50)
    const events = manyRun(200)
    await play(events, 3_000, { terminal })
    const printed = events.filter(({ type, at }) => type === 'output' && at <= start + 3_000).length
    expect(printed).toBeGreaterThan(5_000)
    // The first picture of connecting and of the walk, and each one's last, come beside the clock's.
    expect(terminal.chunks().length).toBeLessThanOrEqual(34)
    expect(Math.max(...terminal.chunks().map(({ length }) => length))).toBeLessThan(48 * 140)
  })

  test('says beside a step what it waits for', async () => {
    const terminal = fakeTerminal(140, 24)
    const until = runs.up.findLastIndex(({ type, at }) => type === 'step-started' && at <= start + 31_000)
    const begun = runs.up[until]
    if (begun?.type !== 'step-started') throw new Error('no step begins')
    const { host, stage, step, title, at } = begun
    const waiting: Stamped = { type: 'waiting', ...{ host, stage, step, title, at }, why: 'the kubelet is stopped' }
    await play([...runs.up.slice(0, until + 1), waiting], at - start + 1_000, { terminal })
    expect(terminal.screen().find((line) => line.includes('the kubelet is stopped'))).toContain(title)
  })

  test('gives the cursor back, and nothing is drawn after the walk', async () => {
    const terminal = fakeTerminal()
    await play(runs.up, 31_000, { terminal })
    expect(terminal.cursor()).toBe('hidden')
    const ended = fakeTerminal()
    await play(runs.plan, Infinity, { terminal: ended })
    expect(ended.cursor()).toBe('shown')
    const before = ended.chunks().length
    await vi.advanceTimersByTimeAsync(5_000)
    expect(ended.chunks().length).toBe(before)
  })

  test('is gone the moment the walk has ended, so that a question may follow at once', async () => {
    const terminal = fakeTerminal()
    const upTo = runs.plan.findIndex(({ type }) => type === 'walk-ended')
    await play(runs.plan.slice(0, upTo + 1), 3_600_000, { terminal })
    terminal.write('Make these changes?')
    expect(terminal.screen().at(-1)).toBe('Make these changes?')
    expect(terminal.screen().join('\n')).not.toContain('looking')
  })

  test('makes room for a question, and comes back after it', async () => {
    const terminal = fakeTerminal()
    const connecting = runs.up.filter(({ type }) => type === 'run-started' || type === 'connecting')
    const at = start + 40_000
    const asking: Stamped = { type: 'asking', question: 'Password', at }
    await play([...connecting, asking], 40_000, { terminal })
    terminal.write('Password: ')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(terminal.screen().join('\n').trim()).toBe('Password:')
    expect(terminal.cursor()).toBe('shown')
    const after = fakeTerminal()
    await play([...connecting, asking, { type: 'asked', at: at + 1_000 }], 43_000, { terminal: after })
    expect(after.screen().join('\n')).toContain('waiting for haproxy-1')
  })

  test('keeps warnings and hosts that were not reached on the screen, with their remedy', async () => {
    const terminal = fakeTerminal()
    const failure = {
      code: 'ssh.auth',
      message: 'login as root was refused',
      exit: 'auth' as const,
      hint: 'Add the key.',
    }
    const events = runs.up.slice(0, 3)
    const at = start + 10
    await play(
      [
        ...events,
        { type: 'failure', host: 'worker-2' as never, failure, at },
        { type: 'note', level: 'warning', text: 'one haproxy host: no failover', at },
      ],
      Infinity,
      { terminal },
    )
    expect(terminal.screen().join('\n').trimEnd()).toBe(
      'worker-2 [ssh.auth]\n  login as root was refused\n  → Add the key.\n! one haproxy host: no failover',
    )
  })

  test('shows commands and what they print above it with --verbose only', async () => {
    const quiet = fakeTerminal(80, 24)
    await play(runs.up, 31_000, { terminal: quiet })
    expect(quiet.screen().filter((line) => line.includes('$ systemd-run'))).toEqual([])
    const wordy = fakeTerminal(80, 24)
    await play(runs.up, 31_000, { terminal: wordy, verbosity: 'verbose' })
    expect(wordy.screen()).toContain('haproxy-1 $ systemd-run --unit=khactl-swap')
    expect(wordy.screen()).toContain('haproxy-1 | [hosts] working…')
  })

  test('has plain characters for terminals without UTF-8', async () => {
    const terminal = fakeTerminal()
    await play(runs.failed, 31_000, { terminal, marks: 'ascii' })
    expect(terminal.screen().some((line) => /[✔✖▸◐]/.test(line))).toBe(false)
  })

  test('costs next to nothing for thirty hosts with output each 50 ms', async () => {
    const terminal = fakeTerminal(140, 50)
    const events = manyRun(30)
    vi.useRealTimers()
    const before = process.cpuUsage()
    vi.useFakeTimers({ now: start, toFake: ['setInterval', 'clearInterval', 'Date'] })
    await play(events, Infinity, { terminal })
    vi.useRealTimers()
    const { user, system } = process.cpuUsage(before)
    expect(events.length).toBeGreaterThan(5_000)
    // listr2's own renderer needs 34 s for such a run; the fake terminal and the fake clock are most of what is left here.
    expect((user + system) / 1_000).toBeLessThan(4_000)
  })
})
