// What each host is: the look that a run begins with, and the one that finds the leader.
import type { HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import { all, always, attempt, chain, map, see, type Look } from '../model/look.js'
import type { ClusterView } from '../model/membership.js'
import { controlPlaneEndpoint } from '../templates/hosts.js'
import { classify } from '../facts/kubernetes/classify.js'
import { clusterView } from '../facts/kubernetes/cluster-view.js'
import { lastView } from '../facts/kubernetes/last-view.js'
import { knownNode } from '../facts/kubernetes/known-node.js'
import { remains, type Remains } from '../facts/kubernetes/remains.js'

/** What the host is; works on a bare one, in one request. */
export const identity = (inventory: Inventory, host: Host): Look<HostState> => {
  const endpoint = endpointUrl(inventory)
  const role = host.roles.includes('master') ? 'master' : host.roles.includes('worker') ? 'worker' : null
  return map(
    all({ remains: see(remains()), node: see(knownNode({ node: host.name, server: endpoint })) }),
    (evidence) => classify(evidence, { cluster: inventory.cluster.name, endpoint, nodeIP: host.nodeIP, role }),
  )
}

/** What a master says of the cluster; null: it runs no member of etcd, or cannot tell. */
export const toldView = (inventory: Inventory, host: Host): Look<ClusterView | null> =>
  chain(
    all({ state: identity(inventory, host), seen: attempt(see(clusterView())) }),
    // Without a quorum no API server answers, but the member itself still knows who the others were.
    ({ state, seen }) =>
      seen.status === 'known'
        ? always<ClusterView | null>(seen.state)
        : state.kind === 'broken' && state.etcd !== undefined
          ? map(attempt(see(lastView())), (last) => (last.status === 'known' ? last.state : null))
          : always(null),
  )

/** Whether this host's own API server is a ready one of our cluster. */
export const healthyMaster = (inventory: Inventory): Look<boolean> => {
  const endpoint = endpointUrl(inventory)
  return map(see(remains()), (found) => leads(found, endpoint))
}

const leads = ({ files, readyz, servers, initMarker, kubeadmConfig }: Remains, endpoint: string): boolean =>
  readyz === 'ok' &&
  !files.has('rebuild') &&
  files.has('kubelet.conf') &&
  servers.admin === endpoint &&
  (initMarker === null || kubeadmConfig === 'ok')

/** As it stands in every kubeconfig: what kubeadm makes of controlPlaneEndpoint. */
export const endpointUrl = (inventory: Inventory): string => `https://${controlPlaneEndpoint(inventory)}`
