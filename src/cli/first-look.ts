// What hosts are and what the cluster is, before there is a plan; what a plan will ask rides along where it can be guessed.
import { identify } from '../engine/identify.js'
import { createLookAhead, looksOf } from '../engine/look-ahead.js'
import type { Memory } from '../engine/memory.js'
import { createObserver } from '../engine/observe.js'
import { createPace } from '../engine/pace.js'
import type { Ports } from '../engine/ports.js'
import type { Graph } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import { together, type Look } from '../model/look.js'
import type { ClusterView } from '../model/membership.js'
import { healthyMaster, identity, toldView } from '../tasks/identity.js'
import { deadIn } from './contacts.js'
import { comesTrue, foresee, type Foreseen, type Guess } from './guess.js'
import { tellView } from './told-view.js'

export interface FirstLookInput {
  readonly inventory: Inventory
  /** Whom the run speaks with. */
  readonly contacts: readonly Host[]
  readonly memory: Memory
  readonly ports: Ports
  /** Resolves once a first connection stands, or could not be made: what no login needs waits for that. */
  readonly underWay: Promise<void>
  /** Compiles what the run would be. */
  readonly graphOf: (of: Guess & { readonly inventory: Inventory }) => Iterator<unknown, Graph>
  /** Logs in; the reason when it cannot. */
  readonly reach: (
    host: Host,
  ) => Promise<{ readonly kind: 'reached' } | { readonly kind: 'unreachable'; readonly why: string }>
}

export interface FirstLook {
  first(): Promise<ReadonlyMap<HostName, HostState>>
  /** Some of them once more, with nothing beside. */
  look(hosts: readonly HostName[]): Promise<ReadonlyMap<HostName, HostState>>
  /** What the cluster is; null: no master could tell. */
  view(observed: ReadonlyMap<HostName, HostState>): Promise<ClusterView | null>
  /** What was compiled while nothing was known yet, where that is what would be compiled now; else null. */
  foreseen(of: {
    readonly inventory: Inventory
    readonly observed: ReadonlyMap<HostName, HostState>
    readonly view: ClusterView | null
  }): Graph | null
}

export const createFirstLook = (input: FirstLookInput): FirstLook => {
  const { inventory, contacts, memory, ports } = input
  const named = new Map(contacts.map((host) => [host.name, host]))
  const hostNamed = (name: HostName): Host => {
    const host = named.get(name)
    if (!host) throw new Error(`no host ${name} in the inventory`)
    return host
  }
  const dead = deadIn(inventory)
  const hosts = contacts.map(({ name }) => name)
  const masters = hosts.filter((name) => hostNamed(name).roles.includes('master') && !dead.has(name))
  const state = (name: HostName) => identity(inventory, hostNamed(name))
  const view = (name: HostName) => toldView(inventory, hostNamed(name))
  const ahead = createLookAhead(hosts)
  const observer = createObserver({
    ...{ memory, ports, hold: ahead.hold },
    // A master that does not answer as it should is asked nothing of the cluster: that could take minutes.
    rule: { candidates: masters.slice(0, 1), healthy: healthyMaster(inventory), founding: null },
  })
  const look: FirstLook['look'] = (names) =>
    identify({ hosts: names, observer, ports, look: state, reach: (name) => input.reach(hostNamed(name)) })
  let guessed: Foreseen | null = null
  const lookAhead = async (): Promise<void> => {
    const { graph, observed } = (guessed = await foresee({ inventory, contacts }, input.graphOf))
    const guessedLooks = graph === null ? new Map<HostName, readonly Look<unknown>[]>() : looksOf(graph)
    const looks = new Map(
      hosts.map((host) => {
        const own = guessedLooks.get(host) ?? []
        // What others want of the leader, its own steps want too: asked by each of them it would be a request for each.
        const mine = host === masters[0] ? [view(host), ...own] : own.map(leaderless)
        return [host, [whileGuessed(state(host), { kind: observed.get(host)?.kind, looks: mine })]]
      }),
    )
    await ahead.look({ observer, pace: createPace(), looks })
  }
  return {
    look,
    first: async () => {
      const looking = look(hosts)
      await Promise.race([input.underWay, looking])
      const [found] = await Promise.all([looking, lookAhead()])
      return found
    },
    view: (observed) => tellView({ masters, observed, look: view, observer }),
    foreseen: (of) => (guessed !== null && of.inventory === inventory && comesTrue(guessed, of) ? guessed.graph : null),
  }
}

const leaderless = <S>(look: Look<S>): Look<S> => ({
  read: (sight) =>
    look.read({ get: (fact) => (fact.at === 'leader' ? { status: 'unreadable', why: 'left out' } : sight.get(fact)) }),
})

/** All of them beside the state; once that is known, only while it is the one that was guessed. */
const whileGuessed = (
  state: Look<HostState>,
  { kind, looks }: { readonly kind: HostState['kind'] | undefined; readonly looks: readonly Look<unknown>[] },
): Look<unknown> => ({
  read: (sight) => {
    const now = state.read(sight)
    if (now.status === 'known' && now.state.kind !== kind) return now
    return together([state, ...looks]).read(sight)
  },
})
