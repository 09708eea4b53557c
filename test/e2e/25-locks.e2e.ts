// Must show 4: two runs at once, a run that is killed, a link that is cut, a lock that is broken; and Ctrl-C during kubeadm.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insideController } from '../lab/network.js'
import { continuedLab, eventually, khactlProgram, reused, type Lab, type Outcome } from './support/lab.js'

const name = 'e2e-locks'
let lab: Lab

beforeAll(async () => {
  lab = await continuedLab(name, 'small')
})
afterAll(async () => {
  if (!reused) await lab.lab('down')
})

/** khactl as a process that can be signalled. */
const begin = (...argv: readonly string[]) => {
  const [program = '', ...args] = insideController(name, process.execPath, khactlProgram, ...argv)
  const child = spawn(program, args, { env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const hear = (chunk: Buffer): void => void (said += chunk.toString())
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = new Promise<{ code: number | null; said: string }>((done) =>
    child.once('close', (code) => done({ code, said })),
  )
  return { child, ended, said: () => said }
}

const timed = async (work: Promise<Outcome>): Promise<Outcome & { readonly tookMs: number }> => {
  const started = performance.now()
  return { ...(await work), tookMs: performance.now() - started }
}

/** A playbook of one command on worker-1, beside the lab's inventory. */
const bookOf = (title: string, task: string) => {
  const book = join(dirname(lab.inventory), `${title}.yaml`)
  writeFileSync(book, `name: ${title}\nstages:\n  - id: one\n    on: all\n    tasks:\n      - command: ${task}\n`)
  return ['run', book, '--inventory', lab.inventory, '--limit', 'worker-1', '--yes']
}
const other = () => bookOf('other', '{ run: "touch /run/other", creates: /run/other }')

/** A run in the middle of a command of twelve seconds, which runs in a unit of its own. */
const holding = async () => {
  await lab.on('worker-1', 'rm -f /run/held /run/other')
  const hold = bookOf('hold', '{ run: "sleep 12; touch /run/held", creates: /run/held }')
  const run = begin(...hold)
  await eventually(() => lab.on('worker-1', 'systemctl list-units --no-legend "khactl-command-*"'), {
    within: 60_000,
    until: (units) => units.includes('khactl-command-'),
  })
  return { run, again: () => lab.khactl(...hold) }
}

/** Whether any host's lock is held, as flock sees it. */
const locked = async (host: string): Promise<boolean> =>
  (await lab.on(host, 'if flock -n /run/khactl.lock true; then echo free; else echo held; fi')).trim() === 'held'

describe('the lock', () => {
  test('of a run at work is told to a second one, with its holder, in less than 5 s', async () => {
    const { run } = await holding()
    const second = await timed(lab.khactl(...other()))
    expect(second.status, second.stderr).toBe(7)
    expect(second.stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /worker-1 is held by \S+@\S+ \(process \d+\) since 20\d\d-\d\d-\d\dT/,
    )
    expect(second.tookMs).toBeLessThan(5000)
    const first = await run.ended
    expect(first.code, first.said).toBe(0)
    for (const host of ['haproxy-1', 'master-1', 'worker-1']) expect(await locked(host)).toBe(false)
  })

  test('of a killed run is free at once, and what it left under way is waited for', async () => {
    const { run, again } = await holding()
    run.child.kill('SIGKILL')
    await run.ended
    await eventually(() => locked('worker-1'), { within: 2000, until: (isLocked) => !isLocked, every: 100 })
    const { status, stderr } = await again()
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/waiting for khactl-command-\w+\.service of an earlier run to end/)
  })

  test('of a run whose link was cut is free within 45 s', async () => {
    const { run } = await holding()
    run.child.kill('SIGSTOP')
    const from = performance.now()
    const { tookMs } = await eventually(() => locked('master-1'), {
      within: 60_000,
      until: (isLocked) => !isLocked,
    })
    expect(tookMs, `${performance.now() - from} ms`).toBeLessThan(45_000)
    run.child.kill('SIGKILL')
    await run.ended
  })

  test('is broken on demand; the run that had it stops before its next command', async () => {
    await lab.on('worker-1', 'rm -f /run/late /run/asked /run/go /run/other')
    // What it asks first takes its time in khactl's own shell: no unit that the second run would wait for.
    const first = begin(
      ...bookOf(
        'ask',
        '{ run: "touch /run/late", unless: "touch /run/asked; until [ -e /run/go ]; do sleep 0.2; done; false" }',
      ),
    )
    await eventually(() => lab.on('worker-1', 'ls /run'), { within: 60_000, until: (names) => names.includes('asked') })
    const second = await lab.khactl(...other(), '--break-lock')
    expect(second.status, second.stderr).toBe(0)
    await lab.on('worker-1', 'touch /run/go')
    const { code, said } = await first.ended
    expect(code, said).toBe(7)
    expect(said).toContain('[lock.broken]')
    expect(await lab.on('worker-1', 'ls /run')).not.toContain('late')
  })
})

describe('Ctrl-C', () => {
  test('during a command of minutes leaves at once, and the next run waits for the command', async () => {
    const { run, again } = await holding()
    const from = performance.now()
    run.child.kill('SIGINT')
    const { code, said } = await run.ended
    expect(performance.now() - from).toBeLessThan(5000)
    expect(code, said).toBe(130)
    expect(said).toMatch(/goes on on worker-1 \(khactl-command-\w+\.service\); the next run waits for it/)
    expect(await locked('worker-1')).toBe(false)
    const next = await again()
    expect(next.status, next.stderr).toBe(0)
    expect(next.stderr).toMatch(/waiting for khactl-command-\w+\.service of an earlier run to end/)
  })
})
