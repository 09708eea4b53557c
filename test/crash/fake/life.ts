// One run of khactl over the fake hosts: what they are, the plan, the walk that changes; as src/cli wires them.
import { awaitBusy } from '../../../src/cli/await-busy.js'
import { createMemory } from '../../../src/engine/memory.js'
import { walk, type Walked } from '../../../src/engine/run.js'
import type { HostName } from '../../../src/model/host.js'
import { countPlan } from '../../../src/model/plan.js'
import { createLink, type FaultName, type Link, type Reached } from './link.js'
import { type Graphs, hostsOf, inventoryOf, stateOf, type Command } from './site.js'
import type { World } from './world.js'

export type End = 'idle' | 'done' | 'failed' | 'killed'

interface OneRun {
  readonly command: Command
  readonly graphs: Graphs
  readonly strikes: (reached: Reached) => FaultName | null
}

export const oneRun = async (world: World, run: OneRun): Promise<End> => {
  const link = createLink(world, run.strikes)
  return Promise.race([link.died.then(() => 'killed' as const), live(world, { ...run, link })])
}

const live = async (world: World, { command, graphs, link }: OneRun & { readonly link: Link }): Promise<End> => {
  const { ports, send } = link
  const hosts = hostsOf(inventoryOf(world, command))
  const lookAt = async (names: readonly HostName[]) =>
    new Map(hosts.filter(({ name }) => names.includes(name)).map((host) => [host.name, stateOf(world, host)]))
  const observed = await awaitBusy({
    ...{ found: await lookAt(hosts.map(({ name }) => name)), again: lookAt },
    ...{ emit: ports.emit, interrupted: () => false, wait: (ms) => ports.wait(ms) },
    // The run before this one is dead, and its locks went with it.
    claim: () => Promise.resolve(),
  })
  const graph = graphs(world, { command, observed })
  const rest = { graph, ports, failed: new Set<HostName>(), interrupted: () => false }
  const { plan } = await walk({ ...rest, memory: createMemory(), apply: null })
  const { change, unknown } = countPlan(plan)
  if (change + unknown === 0) return 'idle'
  const walked = await walk({ ...rest, memory: createMemory(), apply: { send, expected: plan } })
  return isWell(walked) ? 'done' : 'failed'
}

const isWell = ({ plan: { entries } }: Walked): boolean =>
  entries.every(({ verdict: { kind } }) => kind === 'ok' || kind === 'changed')
