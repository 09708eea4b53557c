// A living cluster from a test's side: commands that are killed at a step, and what must be true between commands.
import { spawn } from 'node:child_process'
import { expect } from 'vitest'
import { insideController } from '../../lab/network.js'
import type { ClientReports, Clients } from './clients.js'
import { startClients } from './clients.js'
import { joinSecretsOf, listed, membersOf, nodesOf, serversOf } from './cluster.js'
import { eventually, khactlProgram, type Lab } from './lab.js'
import { readEvents, tail, type Applied } from './plan.js'
import { judge } from './watch/judge.js'
import { startSampler } from './watch/sampler.js'
import type { Timeline } from './watch/timeline.js'

export const labName = 'e2e'

/** Runs a command to its end; the exit status must be the expected one. */
export const command = async (lab: Lab, exit: number, ...args: readonly string[]): Promise<Applied> => {
  const outcome = await lab.khactl(...args, '--yes', '--json')
  expect(outcome.status, tail(outcome)).toBe(exit)
  return { ...outcome, ...readEvents(outcome.stdout) }
}

/**
 * Starts a command and kills it with SIGKILL once the first of these steps is being applied; resolves with that step, null:
 * the command ended without any. Whoever holds a host meanwhile (the shell of a run that was killed before) is waited for.
 */
export const killedAt = async (steps: readonly RegExp[], ...args: readonly string[]): Promise<RegExp | null> => {
  for (let tries = 0; tries < 40; tries += 1) {
    const end = await killOnce(steps, args)
    if (end !== 'locked') return end
    await new Promise((next) => setTimeout(next, 1500))
  }
  throw new Error('a host stayed locked for a minute')
}

const killOnce = (steps: readonly RegExp[], args: readonly string[]): Promise<RegExp | 'locked' | null> =>
  new Promise((done, reject) => {
    const [program = '', ...rest] = insideController(
      labName,
      process.execPath,
      khactlProgram,
      ...args,
      '--yes',
      '--json',
    )
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
    let [out, err] = ['', '']
    let at: RegExp | undefined
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (at !== undefined) return
      at = steps.find((step) => applying(out, step))
      // In the middle of the step, not at its very start.
      if (at !== undefined) setTimeout(() => child.kill('SIGKILL'), 300)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === null && at !== undefined) done(at)
      else if (code === 7) done('locked')
      else if (code === 0) done(null)
      else reject(new Error(`khactl ${args.join(' ')}: exit status ${code}\n${out.slice(-3000)}\n${err.slice(-3000)}`))
    })
  })

const applying = (text: string, step: RegExp): boolean =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes('"step-applying"'))
    .some((line) => step.test((JSON.parse(line) as { readonly step: string }).step))

/** `up` until it is done: a lock of a run that was killed goes away with its shell, and a node that joined is Ready some time later. */
export const finish = async (lab: Lab): Promise<void> => {
  const { seen } = await eventually(() => lab.khactl('up', lab.inventory, '--yes'), {
    within: 120_000,
    every: 2000,
    until: ({ status }) => status !== 7 && status !== 8,
  })
  expect(seen.status, tail(seen)).toBe(0)
}

export interface Watch {
  /** No read failed, and nothing was seen that must never be. */
  clean(): Promise<{ readonly clients: ClientReports; readonly timeline: Timeline }>
}

export const startWatch = async (
  lab: Lab,
  { vip, hosts }: { vip: string; hosts: readonly string[] },
): Promise<Watch> => {
  const sampler = startSampler(labName, hosts)
  const clients: Clients = await startClients(lab, { name: labName, vip })
  return {
    clean: async () => {
      const [reports, timeline] = [await clients.stop(), await sampler.stop()]
      const { tls, http2 } = reports
      console.log(
        `${tls.reads} reads over new connections, slowest ${tls.slowestMs} ms; ${http2.reads} over HTTP/2, ${http2.reconnects.length} reconnects`,
      )
      expect(tls.failures, 'reads over new connections').toEqual([])
      expect(http2.failures, 'reads over HTTP/2, after one retry').toEqual([])
      expect(judge(timeline)).toEqual([])
      return { clients: reports, timeline }
    },
  }
}

/** Everything agrees with the inventory: the plan is empty, etcd, Nodes and every haproxy list the same masters. */
export const agrees = async (lab: Lab): Promise<void> => {
  const plan = await lab.khactl('plan', lab.inventory)
  expect(plan.status, tail(plan)).toBe(0)
  const masters = listed(lab, 'masters').toSorted()
  expect(await nodesOf(lab)).toEqual([...masters, ...listed(lab, 'workers')].toSorted())
  expect(await membersOf(lab)).toEqual(masters)
  for (const host of listed(lab, 'haproxy'))
    expect(await serversOf(lab, host), `backends of ${host}`).toEqual(masters.map((name) => `${name} UP`))
  expect(await joinSecretsOf(lab)).toEqual([])
}
