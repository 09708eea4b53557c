// The state of a cluster as one plain structure; text and JSON are two folds of it. Pure.
import type { ExitClass } from '../model/error.js'
import type { Area, StatusProblem } from './status-area.js'
import { certificatesArea, type CertificateView } from './status-certificates.js'
import { endpointArea, type EndpointView } from './status-endpoint.js'
import { etcdArea, type EtcdView } from './status-etcd.js'
import { hostsArea, type HostView } from './status-hosts.js'
import { driftArea, membershipArea } from './status-membership.js'
import { nodesArea, type NodeView } from './status-nodes.js'
import { serversArea, type ServerView } from './status-servers.js'
import type { Drift, StatusSeen } from './status-seen.js'

export interface StatusView {
  readonly cluster: string
  readonly inventory: string
  /** Seconds since 1970. */
  readonly at: number
  readonly areas: {
    readonly hosts: Area<readonly HostView[]>
    readonly endpoint: Area<EndpointView>
    readonly apiServers: Area<readonly ServerView[]>
    readonly etcd: Area<EtcdView | null>
    readonly nodes: Area<readonly NodeView[] | null>
    readonly certificates: Area<readonly CertificateView[]>
    readonly membership: Area<readonly string[]>
    readonly drift: Area<Drift>
  }
  readonly exit: ExitClass
}

export const statusView = (seen: StatusSeen): StatusView => {
  const areas = {
    hosts: hostsArea(seen),
    endpoint: endpointArea(seen),
    apiServers: serversArea(seen),
    etcd: etcdArea(seen),
    nodes: nodesArea(seen),
    certificates: certificatesArea(seen),
    membership: membershipArea(seen),
    drift: driftArea(seen),
  }
  return { cluster: seen.cluster, inventory: seen.inventory, at: seen.now, areas, exit: exitOf(seen, areas) }
}

export const problemsIn = (areas: StatusView['areas']): readonly StatusProblem[] =>
  Object.values(areas).flatMap(({ problems }) => problems)

/** 1 whatever does not work, a host out of reach alone 4; a plan that is not empty 2. Warnings do not change the code. */
const exitOf = ({ hosts }: StatusSeen, areas: StatusView['areas']): ExitClass => {
  const problems = problemsIn(areas)
  const unreached = hosts.filter(({ state, leaving }) => state.kind === 'unreachable' && leaving !== 'dead')
  const alone = problems.filter(({ level, follows }) => level === 'failure' && follows === null)
  if (alone.some(({ where }) => !unreached.some(({ name }) => name === where))) return 'failed'
  if (unreached.length > 0) return 'unreachable'
  return problems.some(({ level }) => level === 'change') ? 'changes' : 'ok'
}
