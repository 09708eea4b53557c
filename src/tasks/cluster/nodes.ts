// cluster.nodes: labels and taints of every node.
import type { Host } from '../../model/inventory.js'
import type { Scope, Task } from '../../model/playbook.js'
import { nodeStep } from '../../steps/kubernetes/node.js'
import { isNode } from '../../templates/hosts.js'
import { nodeRoles } from '../../templates/node-roles.js'

export const clusterNodes: Task = {
  name: 'cluster.nodes',
  title: 'Labels and taints',
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) => scope.inventory.hosts.filter(isNode).map((host) => stepOf(scope, host)),
}

const stepOf = ({ inventory, moves, founder }: Scope, host: Host) => {
  const { labels, taints } = nodeRoles(inventory.cluster.version, host)
  const joins = moves.some((move) => move.host === host.name)
  return nodeStep(
    {
      name: host.name,
      labels: { ...labels.byKubeadm, ...labels.byKhactl, ...host.labels },
      taints: [...taints, ...host.taints],
      joinsWith: joins ? { labels: labels.byKubeadm, taints: [...taints, ...host.taints] } : null,
    },
    founder === null ? 'there' : 'fresh',
  )
}
