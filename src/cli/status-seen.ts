// What khactl status was told, put together for the view: per host, and whose word on etcd is taken. Pure.
import type { EtcdSight } from '../facts/status/etcd-local.js'
import type { NodeObject } from '../facts/status/node-objects.js'
import { known, type Seen } from '../model/fact.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { ClusterView } from '../model/membership.js'
import { allMoves } from '../model/moves.js'
import { desiredOf } from '../playbook/desired.js'
import type { SeenHost, StatusSeen } from '../report/status-seen.js'
import type { HostStatus } from '../tasks/status.js'
import { noWishes } from './wishes.js'

export interface SeenInput {
  readonly inventory: Inventory
  readonly hosts: readonly Host[]
  readonly states: ReadonlyMap<HostName, HostState>
  /** Of the hosts that were reached. */
  readonly statuses: ReadonlyMap<HostName, HostStatus>
  readonly nodes: StatusSeen['nodes'] | Seen<readonly NodeObject[]>
}

export const seenBy = (input: SeenInput): Omit<StatusSeen, 'now' | 'drift'> => {
  const { inventory, hosts, nodes } = input
  const { endpoint, name, version } = inventory.cluster
  return {
    cluster: name,
    inventory: inventory.file,
    endpoint: { vip: endpoint.vip, port: endpoint.port },
    version: version.text,
    hosts: hosts.map((host) => seenHost(host, input)),
    nodes,
    etcd: etcdOf(input),
    moves: movesOf(input),
  }
}

const seenHost = (
  { name, roles, nodeIP }: Host,
  { inventory: { hosts, leaving }, states, statuses }: SeenInput,
): SeenHost => {
  const status = statuses.get(name)
  const remains = status?.remains
  return {
    ...{ name, roles, nodeIP },
    // Whoever leaves one of two lists stays.
    leaving: hosts.some((host) => host.name === name)
      ? null
      : (leaving.find((host) => host.name === name)?.state ?? null),
    state: states.get(name) ?? { kind: 'unreachable', why: 'not looked at' },
    readyz: remains?.status === 'known' ? known(remains.state.readyz) : (remains ?? null),
    viaEndpoint: status?.viaEndpoint ?? null,
    pods: status?.pods ?? null,
    certificates: status?.certificates ?? null,
    holdsVip: status?.holdsVip ?? null,
    servers: status?.servers ?? null,
    units: status?.units ?? [],
  }
}

/** A healthy master's word first; else that of the member that knows most answering ones, so a cut-off one does not win. */
const etcdOf = ({ hosts, states, statuses }: SeenInput): StatusSeen['etcd'] => {
  const told = hosts.flatMap(({ name }) => {
    const etcd = statuses.get(name)?.etcd
    const view = statuses.get(name)?.view
    const sight: EtcdSight | null =
      view?.status === 'known' && view.state !== null ? view.state : etcd?.status === 'known' ? etcd.state : null
    return sight === null ? [] : [{ by: name, sight, healthy: states.get(name)?.kind === 'healthy' ? 1 : 0 }]
  })
  const answering = (sight: EtcdSight): number => sight.members.filter(({ answers }) => answers === 'yes').length
  const [best] = told.toSorted((a, b) => b.healthy - a.healthy || answering(b.sight) - answering(a.sight))
  return best === undefined ? null : { by: best.by, sight: best.sight }
}

const movesOf = (input: SeenInput): StatusSeen['moves'] => {
  const { inventory, hosts, states, statuses } = input
  const views = hosts.flatMap(({ name }): readonly ClusterView[] => {
    const view = statuses.get(name)?.view
    return states.get(name)?.kind === 'healthy' && view?.status === 'known' && view.state !== null ? [view.state] : []
  })
  // Without a quorum no master is healthy, but a member still knows the others: then the arithmetic is told, as up does.
  const members = etcdOf(input)?.sight.members
  const last = members === undefined ? null : { members, nodes: [], version: '' }
  const { moves, end } = allMoves(
    { hosts: states, endpointAnswers: null, view: views[0] ?? last },
    desiredOf(inventory, {
      observed: states,
      wishes: noWishes(''),
    }),
  )
  return { moves, refusal: end.kind === 'refused' ? { reason: end.reason, hint: end.hint } : null }
}
