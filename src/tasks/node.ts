// The labels and taints that a node shall have, by role and inventory.
import type { Host } from '../model/inventory.js'
import { joinOf } from '../model/membership.js'
import type { Scope } from '../model/playbook.js'
import type { Step } from '../model/step.js'
import { nodeStep } from '../steps/kubernetes/node.js'
import { nodeRoles } from '../templates/node-roles.js'

/** For a host that is still to join it belongs behind the join, in the host's own lane: if that fails, this is not tried. */
export const labelled = ({ inventory, moves, founder }: Scope, host: Host): Step => {
  const { labels, taints } = nodeRoles(inventory.cluster.version, host)
  const joins = joinOf(moves, host.name) !== undefined
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
