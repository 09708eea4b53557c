// Which hosts khactl reset may empty: never another cluster's, and of a cluster that lives on, nobody it counts on.
import type { HostName, HostState } from './host.js'
import { mayOwn, type ClusterView } from './membership.js'
import type { Role } from './inventory.js'

export interface ResetCandidate {
  readonly name: HostName
  readonly roles: readonly Role[]
  readonly nodeIP: string
  readonly state: HostState
}

export interface ResetFault {
  readonly reason: string
  readonly hint: string
}

/** The unit of a reset under way: its step waits for it. */
const ownUnit = 'khactl-kubeadm-leave.service'

/** `cluster`: all of it is given up. `hosts`: these, of a cluster that may live on. null: it may be emptied. */
export const resetFault = (
  { name, roles, nodeIP, state }: ResetCandidate,
  { scope, view }: { readonly scope: 'cluster' | 'hosts'; readonly view: ClusterView | null },
): ResetFault | null => {
  if (state.kind === 'foreign')
    return {
      reason: `${name} belongs to another cluster: ${state.why}`,
      hint: 'Take it out of the inventory, or run `kubeadm reset` on it yourself if it may be wiped.',
    }
  if (state.kind === 'busy' && state.unit !== ownUnit)
    return {
      reason: `${name} still runs ${state.unit} from an earlier run`,
      hint: `Wait until it ends (systemctl status ${state.unit}), then run khactl again.`,
    }
  if (scope === 'cluster' || state.kind === 'unreachable') return null
  if (state.kind === 'healthy')
    return { reason: `${name} is a healthy ${state.role} of the cluster`, hint: `khactl remove ${name} takes it out.` }
  if (roles.includes('haproxy') && view !== null)
    return {
      reason: `${name} carries the API endpoint of a living cluster`,
      hint: `khactl remove ${name} takes it out.`,
    }
  const member = view?.members.find((one) => mayOwn({ host: name, nodeIP }, one))
  if (member?.part === 'voter')
    return {
      reason: `etcd counts ${name} as a voter (${member.id}): its data is part of the quorum`,
      hint: `khactl remove ${name} takes it out first, or khactl replace.`,
    }
  const mayVote = roles.includes('master') && state.kind !== 'fresh'
  if (view === null && mayVote)
    return {
      reason: `no master answers, so nobody can tell whether etcd counts ${name}: it is ${state.kind}`,
      hint: 'Bring a master back, or give the whole cluster up: khactl reset without --host.',
    }
  return null
}
