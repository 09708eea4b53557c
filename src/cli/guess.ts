// A guess: the cluster is what its inventory says. What a plan would then ask rides along with the first look at each host.
import { looksOf } from '../engine/look-ahead.js'
import { inSlices } from '../engine/pace.js'
import type { Graph } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { Look } from '../model/look.js'
import type { ClusterView } from '../model/membership.js'
import { deadIn } from './contacts.js'

/** With more of them compiling twice costs the operator's CPU more than the round trip saves. */
const mostHosts = 50

export interface Guess {
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly view: ClusterView
}

/** `contacts`: whom the run speaks with. */
export const guess = (inventory: Inventory, contacts: readonly Host[]): Guess => {
  const dead = deadIn(inventory)
  const nodes = contacts.filter(({ roles }) => roles.some((role) => role !== 'haproxy'))
  const masters = nodes.filter(({ roles }) => roles.includes('master'))
  const members = masters.map(({ name, nodeIP }) => ({
    ...{ id: '', name, peerUrls: [`https://${nodeIP}:2380`] },
    ...({ part: 'voter', answers: dead.has(name) ? 'no' : 'yes' } as const),
  }))
  return {
    observed: new Map(contacts.map((host) => [host.name, dead.has(host.name) ? gone : stateOf(host)])),
    view: { members, nodes: nodes.map(({ name }) => name), version: inventory.cluster.version.text },
  }
}

const gone: HostState = { kind: 'unreachable', why: 'declared dead' }

const stateOf = ({ roles }: Host): HostState => {
  if (roles.includes('master')) return { kind: 'healthy', role: 'master' }
  return roles.includes('worker') ? { kind: 'healthy', role: 'worker' } : { kind: 'fresh' }
}

/** By host; a wrong guess costs some answers that nobody reads, a right one saves a round trip. */
export const guessedLooks = async (
  hosts: number,
  compiling: () => Iterator<unknown, Graph>,
): Promise<ReadonlyMap<HostName, readonly Look<unknown>[]>> => {
  if (hosts > mostHosts) return new Map()
  try {
    return looksOf(await inSlices(compiling()))
  } catch {
    // Refused as it is guessed: whether it really is shows when the hosts have told what they are.
    return new Map()
  }
}
