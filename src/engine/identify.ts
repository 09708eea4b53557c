// The first look: what is each host? One round trip a host, all hosts at once.
import type { HostName, HostState } from '../model/host.js'
import type { Look } from '../model/look.js'
import { fewAtATime } from '../model/pieces.js'
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
  const ask = async (host: HostName): Promise<readonly [HostName, HostState]> => {
    const reached = await input.reach(host)
    if (reached.kind === 'unreachable') return [host, reached]
    const seen = await observer.observe(input.look(host), { host, glance: 0 })
    if (seen.status === 'known') return [host, seen.state]
    const why = seen.status === 'unreadable' ? seen.why : `unknown until ${seen.until}`
    return [host, { kind: 'broken', why }]
  }
  const asking: ReturnType<typeof ask>[] = []
  for await (const host of fewAtATime(input.hosts)) {
    const asked = ask(host)
    // Waited for below, when the others have been asked, too.
    asked.catch(() => undefined)
    asking.push(asked)
  }
  const found = await Promise.all(asking)
  for await (const [host, state] of fewAtATime(found)) ports.emit({ type: 'host-state', host, state })
  return new Map(found)
}
