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
  const roles = nodeRoles(inventory.cluster.version, host)
  return nodeStep(
    {
      name: host.name,
      labels: { ...roles.labels, ...host.labels },
      taints: [...roles.taints, ...host.taints],
      standing: moves.some((move) => move.host === host.name) ? 'joins' : 'member',
    },
    founder === null ? 'there' : 'fresh',
  )
}
