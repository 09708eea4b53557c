// Hosts in memory that can be cut off in the middle of anything: values that last, and jobs that run on without khactl.
import type { HostName } from '../../../src/model/host.js'

interface Job {
  readonly name: string
  readonly endsAt: number
  readonly effect: readonly Effect[]
}

/** One thing that a command does. Keys that begin with `cluster:` are everybody's. */
export interface Effect {
  readonly host: HostName
  readonly key: string
  /** null: it goes away. */
  readonly to: string | null
}

export interface World {
  /** `host/key`, or `cluster:…`. */
  readonly values: Map<string, string>
  /** At most one a host runs at a time. */
  readonly jobs: Map<HostName, Job>
  /** How often a job's body began, by `host/name`. */
  readonly begun: Map<string, number>
  now: number
}

export const jobTakes = 60_000

export const createWorld = (): World => ({ values: new Map(), jobs: new Map(), begun: new Map(), now: 0 })

export const cloneOf = (world: World): World => ({
  values: new Map(world.values),
  jobs: new Map(world.jobs),
  begun: new Map(world.begun),
  now: world.now,
})

export const keyOf = (host: HostName, key: string): string => (key.startsWith('cluster:') ? key : `${host}/${key}`)

/** Of a key that ends in `*`: any value there is. */
export const valueOf = (world: World, { host, key }: { readonly host: HostName; readonly key: string }) => {
  if (!key.endsWith('*')) return world.values.get(keyOf(host, key)) ?? null
  const [, value] = [...world.values].find(([one]) => one.startsWith(keyOf(host, key).slice(0, -1))) ?? [null, null]
  return value
}

export const take = (world: World, effects: readonly Effect[]): void => {
  for (const { host, key, to } of effects) {
    const name = keyOf(host, key)
    if (to !== null) world.values.set(name, to)
    else if (!name.endsWith('*')) world.values.delete(name)
    else for (const one of world.values.keys()) if (one.startsWith(name.slice(0, -1))) world.values.delete(one)
  }
}

export const beginJob = (world: World, { host, name, effect }: Pick<Job, 'name' | 'effect'> & { host: HostName }) => {
  const counter = `${host}/${name}`
  world.begun.set(counter, (world.begun.get(counter) ?? 0) + 1)
  world.jobs.set(host, { name, effect, endsAt: world.now + jobTakes })
}

export const endJob = (world: World, host: HostName): void => {
  const job = world.jobs.get(host)
  world.jobs.delete(host)
  if (job) take(world, job.effect)
}

/** Time goes by; what runs on the hosts comes to its end. */
export const pass = (world: World, ms: number): void => {
  world.now += ms
  for (const [host, job] of world.jobs) if (job.endsAt <= world.now) endJob(world, host)
}

/** What ran there is gone without an exit status; what was written stays. */
export const cutPower = (world: World, host: HostName): void => void world.jobs.delete(host)

/** Two worlds of one text go on alike. */
export const textOf = ({ values, jobs }: World): string =>
  [
    ...[...values].map(([key, value]) => `${key}=${value}`).toSorted(),
    ...[...jobs].map(([host, { name }]) => `${host} runs ${name}`).toSorted(),
  ].join('\n')
