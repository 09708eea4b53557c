// What the cluster is, as a master tells it: one is asked, and the others only where that one cannot tell.
import type { Observer } from '../engine/observe.js'
import type { HostName, HostState } from '../model/host.js'
import type { Look } from '../model/look.js'
import type { ClusterView } from '../model/membership.js'

export interface TellView {
  readonly masters: readonly HostName[]
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly look: (host: HostName) => Look<ClusterView | null>
  readonly observer: Observer
}

/** null: no master could tell. A healthy one knows more than one that is not. */
export const tellView = async (of: TellView): Promise<ClusterView | null> => {
  const { observer, observed, masters } = of
  const tell = async (host: HostName): Promise<ClusterView | null> => {
    const seen = await observer.observe(of.look(host), { host, glance: 0 })
    return seen.status === 'known' ? seen.state : null
  }
  const kindOf = (host: HostName) => observed.get(host)?.kind ?? 'unreachable'
  const able = masters.filter((host) => !['fresh', 'unreachable'].includes(kindOf(host)))
  const inOrder = [
    ...able.filter((host) => kindOf(host) === 'healthy'),
    ...able.filter((host) => kindOf(host) !== 'healthy'),
  ]
  const [first, ...others] = inOrder
  if (first === undefined) return null
  return (await tell(first)) ?? (await Promise.all(others.map(tell))).find((view) => view !== null) ?? null
}
