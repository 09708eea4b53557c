// The real playbooks, tasks and compiler over the fake hosts: what the hosts are is read from the world, as a run reads it.
import { readFileSync } from 'node:fs'
import type { Graph } from '../../../src/model/graph.js'
import type { HostName, HostState } from '../../../src/model/host.js'
import type { Host, Inventory } from '../../../src/model/inventory.js'
import { always } from '../../../src/model/look.js'
import type { ClusterView } from '../../../src/model/membership.js'
import type { Task, Wishes } from '../../../src/model/playbook.js'
import { compile } from '../../../src/playbook/compile.js'
import { loadPlaybook } from '../../../src/playbook/load.js'
import { founding } from '../../../src/tasks/kubeadm/init.js'
import { registry } from '../../../src/tasks/registry.js'
import { entries, wishes } from '../../support/scope.js'
import { marker, member, unfinished } from './script.js'
import { faked, healthyMaster } from './step.js'
import { valueOf, type World } from './world.js'

export interface Command {
  readonly playbook: 'up' | 'add' | 'remove'
  readonly inventory: Inventory
  /** Hosts named on the command line. */
  readonly named: Wishes['named']
}

const tasks: ReadonlyMap<string, Task> = new Map(
  [...registry].map(([name, task]) => [
    name,
    {
      ...task,
      // What only checks before any change gives nothing to hit, and half of a walk's time.
      steps: (scope, args) =>
        task.kind === 'checks' && name === 'preflight' ? [] : task.steps(scope, args).map((real) => faked(real, scope)),
    },
  ]),
)

const playbooks = Object.fromEntries(
  (['up', 'add', 'remove'] as const).map((name) => {
    const text = readFileSync(new URL(`../../../playbooks/${name}.yaml`, import.meta.url), 'utf8')
    return [name, loadPlaybook({ file: `${name}.yaml`, text }, tasks)]
  }),
)

export const hostsOf = ({ hosts, leaving }: Inventory): readonly Host[] => [
  ...hosts,
  ...leaving.filter(({ name }) => !hosts.some((host) => host.name === name)),
]

export const stateOf = (world: World, { name: host, roles }: Host): HostState => {
  const job = world.jobs.get(host)
  if (job) return { kind: 'busy', unit: `khactl-${job.name}.service` }
  const is = found(world, { host, key: member })
  if (!roles.includes('master') && !roles.includes('worker')) return { kind: 'fresh' }
  if (is === 'master' || is === 'worker') return { kind: 'healthy', role: is }
  if (found(world, { host, key: unfinished }) === null) return { kind: 'fresh' }
  return { kind: valueOf(world, { host, key: marker.init }) === null ? 'half-joined' : 'half-initialised' }
}

/** What a look on the host finds. */
export const found = (
  world: World,
  { host, key }: { readonly host: HostName; readonly key: string },
): string | null => {
  if (key !== unfinished) return valueOf(world, { host, key })
  const is = valueOf(world, { host, key: member })
  const begun = [marker.init, marker.join].some((one) => valueOf(world, { host, key: one }) !== null)
  return is === 'half' || (is === null && begun) ? 'left' : null
}

/** null while no master could tell. */
const viewOf = (world: World): ClusterView | null => {
  const under = (what: string): readonly string[] =>
    [...world.values.keys()].filter((key) => key.startsWith(what)).map((key) => key.slice(what.length))
  const members = under('cluster:etcd:')
  if (members.length === 0) return null
  return {
    members: members.map((name) => ({ id: name, name, peerUrls: [], part: 'voter', answers: 'yes' })),
    nodes: under('cluster:node:'),
    version: '1.20.2',
  }
}

/** The last step of a removal takes the entry out of the inventory's file. */
export const inventoryOf = (world: World, { inventory }: Command): Inventory => ({
  ...inventory,
  leaving: inventory.leaving.filter(({ name }) => valueOf(world, { host: name, key: 'inventory:entry' }) !== 'done'),
})

interface Seen {
  readonly command: Command
  readonly observed: ReadonlyMap<HostName, HostState>
}

export type Graphs = (world: World, seen: Seen) => Graph

/** Compiles once what is the same: a graph is data, and looks are pure. `without`: a step that the graph is robbed of. */
export const createGraphs = (without: string | null): Graphs => {
  const known = new Map<Command, Map<string, Graph>>()
  return (world, seen) => {
    const text = JSON.stringify([[...seen.observed], viewOf(world), inventoryOf(world, seen.command).leaving.length])
    const graphs = known.get(seen.command) ?? new Map<string, Graph>()
    known.set(seen.command, graphs)
    const graph = graphs.get(text) ?? robbed(graphOf(world, seen), without)
    graphs.set(text, graph)
    return graph
  }
}

const robbed = (graph: Graph, without: string | null): Graph => ({
  ...graph,
  stages: graph.stages.map((stage) => ({
    ...stage,
    lanes: stage.lanes.map((lane) => ({ ...lane, steps: lane.steps.filter(({ id }) => id !== without) })),
  })),
})

const graphOf = (world: World, { command, observed }: Seen): Graph => {
  const playbook = playbooks[command.playbook]
  if (!playbook) throw new Error(`no playbook ${command.playbook}`)
  return compile({
    playbook,
    registry: tasks,
    observed,
    inventory: inventoryOf(world, command),
    endpointAnswers: null,
    view: viewOf(world),
    wishes: { ...wishes, named: command.named },
    entries,
    looks: { healthyMaster, holdsVip: always(false) },
    founding,
    cut: { hosts: null, stages: null, from: null, width: null },
  })
}
