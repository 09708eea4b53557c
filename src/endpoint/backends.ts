// Which masters stand behind haproxy before and after a run's joins and removals: pure, from what membership is.
import type { HostName } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import { owns } from '../model/membership.js'
import type { Scope } from '../model/playbook.js'

/** `as listed`: only where haproxy.cfg names it now, so that a run that died half-way is never taken back. */
export type Standing = 'in' | 'as listed' | 'out'

export interface Backend {
  readonly host: Host
  /** Stage `endpoint`: before masters join. */
  readonly before: Standing
  /** Stage `members`: after masters joined, before they leave. */
  readonly after: Standing
  readonly part: 'member' | 'joins' | 'leaves' | 'none'
}

export type BackendScope = Pick<Scope, 'inventory' | 'observed' | 'moves' | 'founder' | 'view' | 'wishes'>

/**
 * Every master of the inventory and every one that is to leave, in the order of their names: a host that only goes from
 * `masters` to `leaving` moves no line of haproxy.cfg. Add is join → ready → backend; remove is backend → member → node (R-L5).
 */
export const backendsOf = (scope: BackendScope): readonly Backend[] => {
  const { hosts, leaving } = scope.inventory
  const isMaster = ({ roles }: Host): boolean => roles.includes('master')
  return [
    ...hosts.filter(isMaster).map((host) => staying(scope, host)),
    ...leaving.filter(isMaster).map((host) => going(scope, host)),
  ].toSorted((one, other) => one.host.name.localeCompare(other.host.name, 'en', { numeric: true }))
}

/** Of a new cluster all masters are backends from the start: `kubeadm init` and every join go through haproxy. */
const staying = ({ observed, moves, founder, view }: BackendScope, host: Host): Backend => {
  if (founder !== null) return { host, before: 'in', after: 'in', part: 'member' }
  if (moves.some((move) => move.kind === 'join-master' && move.host === host.name))
    return { host, before: 'as listed', after: 'in', part: 'joins' }
  const isMember =
    observed.get(host.name)?.kind === 'healthy' ||
    view === null ||
    view.members.some((member) => owns({ host: host.name, nodeIP: host.nodeIP }, member))
  return isMember
    ? { host, before: 'in', after: 'in', part: 'member' }
    : { host, before: 'out', after: 'out', part: 'none' }
}

/** One that this command does not speak of stays as it is; who is dead needs no drain. */
const going = ({ founder, wishes: { named } }: BackendScope, host: Host & { readonly state: string }): Backend => {
  if (host.state === 'dead' || founder !== null) return { host, before: 'out', after: 'out', part: 'none' }
  const isMeant = named === 'all' || named.includes(host.name)
  return isMeant
    ? { host, before: 'as listed', after: 'out', part: 'leaves' }
    : { host, before: 'as listed', after: 'as listed', part: 'none' }
}

/** Whether the stage `members` has anything of its own to do. */
export const membersDiffer = (backends: readonly Backend[]): boolean =>
  backends.some(({ before, after }) => before !== after)

export const listMatters = (backends: readonly Backend[], when: 'before' | 'after'): boolean =>
  backends.some((backend) => backend[when] === 'as listed')

export const standing = (
  backends: readonly Backend[],
  { when, listed }: { readonly when: 'before' | 'after'; readonly listed: readonly string[] },
): readonly Host[] =>
  backends
    .filter(
      (backend) => backend[when] === 'in' || (backend[when] === 'as listed' && listed.includes(backend.host.name)),
    )
    .map(({ host }) => host)

export const namesOf = (backends: readonly Backend[], part: Backend['part']): readonly HostName[] =>
  backends.filter((backend) => backend.part === part).map(({ host }) => host.name)
