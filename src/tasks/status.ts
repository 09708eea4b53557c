// What khactl status looks at on each host, in the one request that also says what the host is.
import { haproxyServers } from '../facts/endpoint/stats-socket.js'
import { holdsAddress } from '../facts/endpoint/vip-holder.js'
import { clusterView } from '../facts/kubernetes/cluster-view.js'
import { knownNode } from '../facts/kubernetes/known-node.js'
import { remains } from '../facts/kubernetes/remains.js'
import { certificateEnds } from '../facts/status/certificates.js'
import { etcdLocal } from '../facts/status/etcd-local.js'
import { staticPods } from '../facts/status/static-pods.js'
import { unitState } from '../facts/unit.js'
import type { Fact } from '../model/fact.js'
import type { Host, Inventory } from '../model/inventory.js'
import { all, always, attempt, each, map, see, type Look } from '../model/look.js'
import { apiBackend, haproxySocket } from '../templates/haproxy.js'
import { endpointUrl, identity } from './identity.js'

/** Every part for itself: what one of them could not tell says nothing about the others. */
export const hostStatus = (inventory: Inventory, host: Host) => {
  const { endpoint } = inventory.cluster
  const isMaster = host.roles.includes('master')
  const isNode = isMaster || host.roles.includes('worker')
  const carries = host.roles.includes('haproxy')
  const ifSo = <V>(role: boolean, fact: Fact<V>) => (role ? attempt(see(fact)) : always(null))
  const units = [...(carries ? ['haproxy', 'keepalived'] : []), ...(isNode ? ['containerd', 'kubelet'] : [])]
  return all({
    identity: attempt(identity(inventory, host)),
    remains: attempt(see(remains())),
    viaEndpoint: ifSo(isNode, knownNode({ node: host.name, server: endpointUrl(inventory) })),
    view: ifSo(isMaster, clusterView()),
    etcd: ifSo(isMaster, etcdLocal()),
    pods: ifSo(isMaster, staticPods()),
    certificates: ifSo(isNode, certificateEnds()),
    holdsVip: attempt(see(holdsAddress(endpoint.vip))),
    servers: carries ? attempt(backends()) : always(null),
    units: each(units.map((name) => map(attempt(see(unitState(name))), (unit) => ({ name, unit })))),
  })
}

/** The masters, as the API's backend on this host has them. */
const backends = () =>
  map(see(haproxyServers(haproxySocket)), (servers) => servers.filter(({ backend }) => backend === apiBackend))

export type HostStatus = ReturnType<typeof hostStatus> extends Look<infer S> ? S : never
