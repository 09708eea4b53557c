// The first look: what is each host? One round trip a host, all hosts at once.
import type { HostName, HostState } from '../model/host.js'
import type { Look } from '../model/look.js'
import type { Observer } from './observe.js'
import type { Ports } from './ports.js'

export interface Identify {
  readonly hosts: readonly HostName[]
  readonly look: (host: HostName) => Look<HostState>
  readonly observer: Observer
  readonly ports: Ports
  /** Logs in; the reason when it cannot. */
  readonly reach: (
    host: HostName,
  ) => Promise<{ readonly kind: 'reached' } | { readonly kind: 'unreachable'; readonly why: string }>
}

export const identify = async (input: Identify): Promise<ReadonlyMap<HostName, HostState>> => {
  const { observer, ports } = input
  const found = await Promise.all(
    input.hosts.map(async (host): Promise<readonly [HostName, HostState]> => {
      const reached = await input.reach(host)
      if (reached.kind === 'unreachable') return [host, reached]
      const seen = await observer.observe(input.look(host), { host, glance: 0 })
      if (seen.status === 'known') return [host, seen.state]
      const why = seen.status === 'unreadable' ? seen.why : `unknown until ${seen.until}`
      return [host, { kind: 'broken', why }]
    }),
  )
  for (const [host, state] of found) ports.emit({ type: 'host-state', host, state })
  return new Map(found)
}
