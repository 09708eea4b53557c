// A guess: the cluster is what its inventory says. What a plan would then ask rides along with the first look at each host,
// and where the guess comes true what was compiled for it is the plan's graph.
import { isDeepStrictEqual } from 'node:util'
import { inSlices } from '../model/pieces.js'
import type { Graph } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { ClusterView } from '../model/membership.js'
import { deadIn } from './contacts.js'

/** With more of them a guess that is wrong costs the operator's CPU more than a right one saves. */
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

/** What a run would be, if the guess is right; a wrong one costs some answers that nobody reads, a right one saves a round trip. */
export interface Foreseen extends Guess {
  /** null: not compiled. */
  readonly graph: Graph | null
}

export const foresee = async (
  { inventory, contacts }: { readonly inventory: Inventory; readonly contacts: readonly Host[] },
  compiling: (of: Guess & { readonly inventory: Inventory }) => Iterator<unknown, Graph>,
): Promise<Foreseen> => {
  const guessed = guess(inventory, contacts)
  if (contacts.length > mostHosts) return { ...guessed, graph: null }
  try {
    return { ...guessed, graph: await inSlices(compiling({ inventory, ...guessed })) }
  } catch {
    // Refused as it is guessed: whether it really is shows when the hosts have told what they are.
    return { ...guessed, graph: null }
  }
}

/**
 * Whether what was compiled for the guess is what would be compiled now. Ids of members are not guessed: with nobody leaving
 * and every member where it belongs, nothing of a graph names one.
 */
export const comesTrue = (
  guessed: Guess,
  {
    inventory,
    observed,
    view,
  }: {
    readonly inventory: Inventory
    readonly observed: Guess['observed']
    readonly view: ClusterView | null
  },
): boolean =>
  inventory.leaving.length === 0 &&
  view !== null &&
  [...observed].every(([name, state]) => isDeepStrictEqual(state, guessed.observed.get(name))) &&
  isDeepStrictEqual(comparable(view), comparable(guessed.view))

const comparable = ({ members, nodes, version }: ClusterView) => ({
  members: members.map(({ name, part, answers }) => `${name} ${part} ${answers}`).toSorted(),
  nodes: nodes.toSorted(),
  version,
})
