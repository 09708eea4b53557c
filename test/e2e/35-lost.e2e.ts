// Must show 3 of the transport: every connection cut during kubeadm init and during each join, and it is one init, one join each.
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insideController } from '../lab/network.js'
import { eventually, freshLab, khactlProgram, reused, run, type Lab } from './support/lab.js'
import { readEvents, tail, type Applied } from './support/plan.js'

const labName = process.env['KHACTL_LAB'] ?? 'e2e'
const joining = ['master-2', 'master-3', 'worker-1', 'worker-2'] as const

let lab: Lab
beforeAll(async () => {
  lab = await freshLab(labName, 'ha')
})
afterAll(async () => {
  if (!reused) await lab.lab('down')
})

/** Resets what the operator's side has open, all hosts at once; the number of connections that were. */
const cutAll = async (): Promise<number> => {
  const [program = '', ...args] = insideController(labName, 'ss', '-HtnK', 'state', 'established', 'dport = :22')
  const { stdout } = await run([program, ...args])
  return stdout.split('\n').filter((line) => line.includes(':22')).length
}

/** Once kubeadm has been at work in its unit for a moment. */
const cutDuring = async (host: string, unit: string): Promise<number> => {
  await eventually(() => lab.on(host, `systemctl is-active ${unit} || true`), {
    within: 120_000,
    every: 200,
    until: (state) => state.trim() === 'active',
  })
  await new Promise((next) => setTimeout(next, 3000))
  return cutAll()
}

test('every connection cut during init and during each join: one init, one join each, green', async () => {
  const cuts = new Map<string, Promise<number>>()
  const applied = await upWatched((host, step) => {
    const unit = /^kubeadm:(init|join)$/.exec(step)?.[1]
    if (unit !== undefined && !cuts.has(host)) cuts.set(host, cutDuring(host, `khactl-kubeadm-${unit}.service`))
  })
  expect(applied.status, tail(applied)).toBe(0)
  expect([...cuts.keys()].toSorted()).toEqual(['master-1', ...joining])
  // Each cut met living connections, to all seven hosts for the first.
  const cut = await Promise.all(cuts.values())
  expect(Math.min(...cut)).toBeGreaterThan(0)
  const notes = applied.events.flatMap(({ type, text }) => (type === 'note' ? [String(text)] : []))
  expect(notes.filter((text) => text.includes('connected again')).length).toBeGreaterThanOrEqual(7)

  const begun = (host: string, unit: string) =>
    lab.on(host, `journalctl -q --no-pager -o cat -u khactl-kubeadm-${unit} | grep -c '^Started ' || true`)
  expect((await begun('master-1', 'init')).trim()).toBe('1')
  for (const host of joining) expect([host, (await begun(host, 'join')).trim()]).toEqual([host, '1'])
  const { seen } = await eventually(() => lab.khactl('plan', lab.inventory), {
    within: 300_000,
    every: 5000,
    until: ({ status }) => status === 0,
  })
  expect(seen.stdout).toMatch(/nothing/i)
})

const upWatched = (applying: (host: string, step: string) => void): Promise<Applied> =>
  new Promise((done, reject) => {
    const [program = '', ...args] = insideController(
      labName,
      ...[process.execPath, khactlProgram, 'up', lab.inventory, '--yes', '--json'],
    )
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
    let [stdout, stderr, read] = ['', '', 0]
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const whole = stdout.lastIndexOf('\n') + 1
      for (const event of readEvents(stdout.slice(read, whole)).events)
        if (event['type'] === 'step-applying') applying(String(event['host']), String(event['step']))
      read = whole
    })
    child.on('error', reject)
    child.on('close', (code) => done({ status: code ?? 137, stdout, stderr, ...readEvents(stdout) }))
  })
