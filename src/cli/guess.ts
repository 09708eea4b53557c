// A guess: the cluster is what its inventory says. What a plan would then ask rides along with the first look at each host.
import { looksOf } from '../engine/look-ahead.js'
import type { Ahead } from '../engine/observe.js'
import { inSlices } from '../engine/pace.js'
import { KhactlError } from '../model/error.js'
import type { Graph } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { ClusterView } from '../model/membership.js'

/** As little as compiling a graph of them costs: with more hosts a round trip is nothing beside the operator's own CPU time. */
const mostHosts = 50

export interface Guess {
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly view: ClusterView
}

/** `contacts`: whom the run speaks with. */
export const guess = (inventory: Inventory, contacts: readonly Host[]): Guess => {
  const nodes = contacts.filter(({ roles }) => roles.some((role) => role !== 'haproxy'))
  const masters = nodes.filter(({ roles }) => roles.includes('master'))
  const members = masters.map(({ name, nodeIP }) => ({
    ...{ id: '', name, peerUrls: [`https://${nodeIP}:2380`] },
    ...({ part: 'voter', answers: 'yes' } as const),
  }))
  return {
    observed: new Map(contacts.map((host) => [host.name, stateOf(host)])),
    view: { members, nodes: nodes.map(({ name }) => name), version: inventory.cluster.version.text },
  }
}

const stateOf = ({ roles }: Host): HostState => {
  if (roles.includes('master')) return { kind: 'healthy', role: 'master' }
  return roles.includes('worker') ? { kind: 'healthy', role: 'worker' } : { kind: 'fresh' }
}

/** By host; a wrong guess costs some answers that nobody reads, a right one saves a round trip. */
export const guessedLooks = async (
  hosts: number,
  compiling: () => Iterator<unknown, Graph>,
): Promise<ReadonlyMap<HostName, readonly Ahead[]>> => {
  if (hosts > mostHosts) return new Map()
  try {
    return looksOf(await inSlices(compiling()))
  } catch (error) {
    // Refused as it is guessed: whether it really is shows when the hosts have told what they are.
    if (error instanceof KhactlError) return new Map()
    throw error
  }
}
