// The first look: what is each host, and what do the masters say of the cluster? One round trip a host, all hosts at once.
import type { HostName, HostState } from '../model/host.js'
import { always, type Look } from '../model/look.js'
import type { ClusterView } from '../model/membership.js'
import { createObserver } from './observe.js'
import type { Memory } from './memory.js'
import type { Ports } from './ports.js'

export interface Identified {
  readonly state: HostState
  /** Of a master that runs a member of etcd and could tell. */
  readonly view: ClusterView | null
}

export interface Identify {
  readonly hosts: readonly HostName[]
  readonly look: (host: HostName) => Look<Identified>
  readonly memory: Memory
  readonly ports: Ports
  /** Logs in; the reason when it cannot. */
  readonly reach: (
    host: HostName,
  ) => Promise<{ readonly kind: 'reached' } | { readonly kind: 'unreachable'; readonly why: string }>
}

export const identify = async (input: Identify): Promise<ReadonlyMap<HostName, Identified>> => {
  const { memory, ports } = input
  const observer = createObserver({ memory, ports, rule: { candidates: [], healthy: always(false), founding: null } })
  const found = await Promise.all(
    input.hosts.map(async (host): Promise<Identified> => {
      const reached = await input.reach(host)
      if (reached.kind === 'unreachable') return { state: reached, view: null }
      const seen = await observer.observe(input.look(host), { host, glance: 0 })
      if (seen.status === 'known') return seen.state
      const why = seen.status === 'unreadable' ? seen.why : `unknown until ${seen.until}`
      return { state: { kind: 'broken', why }, view: null }
    }),
  )
  return new Map(
    input.hosts.map((host, index) => {
      const one = found[index] ?? { state: { kind: 'unreachable', why: 'not looked at' }, view: null }
      ports.emit({ type: 'host-state', host, state: one.state })
      return [host, one]
    }),
  )
}
