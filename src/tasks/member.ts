// What the Kubernetes tasks need to know of a host: whether it is to become a member, and how kubeadm calls it.
import type { Host } from '../model/inventory.js'
import { joinOf, type Join } from '../model/membership.js'
import type { Scope } from '../model/playbook.js'
import { criSocket } from '../templates/kubeadm-version.js'
import type { Joiner } from '../steps/kubernetes/cleanup.js'

/** How this host is still to come in; null: it is a member, or is left out. */
export const moveOf = ({ moves, host }: Scope): Join['kind'] | null => joinOf(moves, host.name)?.kind ?? null

export const isMember = ({ observed, host }: Scope): boolean => observed.get(host.name)?.kind === 'healthy'

export const joiner = ({ inventory }: Scope, host: Host): Joiner => ({
  name: host.name,
  nodeIP: host.nodeIP,
  role: host.roles.includes('master') ? 'control plane' : 'worker',
  criSocket: criSocket(inventory.cluster.version),
})
