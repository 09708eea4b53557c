// A status for programs: docs/status.md says what each field means.
import { exitCodes } from '../model/error.js'
import { problemsIn, type StatusView } from './status-view.js'

/** Rises when a field changes its meaning or goes. */
const version = 1

export const statusJson = ({ cluster, inventory, at, areas, exit }: StatusView) => ({
  version,
  cluster,
  inventory,
  at: new Date(at * 1000).toISOString(),
  exit: exitCodes[exit],
  problems: problemsIn(areas),
  hosts: areas.hosts.data,
  endpoint: areas.endpoint.data,
  apiServers: areas.apiServers.data,
  etcd: areas.etcd.data,
  nodes: areas.nodes.data,
  certificates: areas.certificates.data,
  moves: areas.membership.data,
  drift: areas.drift.data,
})
