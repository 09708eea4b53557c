// cluster.nodes: labels and taints of the nodes that are there; those of a new one come with its join.
import { joinOf } from '../../model/membership.js'
import type { Task } from '../../model/playbook.js'
import { isNode } from '../../templates/hosts.js'
import { labelled } from '../node.js'

export const clusterNodes: Task = {
  name: 'cluster.nodes',
  title: 'Labels and taints',
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) =>
    scope.inventory.hosts
      .filter((host) => isNode(host) && joinOf(scope.moves, host.name) === undefined)
      .map((host) => labelled(scope, host)),
}
