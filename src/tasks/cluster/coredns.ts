// cluster.coredns: its pods on more than one node, where kubeadm installed it.
import type { Task } from '../../model/playbook.js'
import { spreadDnsStep } from '../../steps/kubernetes/spread-dns.js'

export const clusterCoredns: Task = {
  name: 'cluster.coredns',
  title: 'CoreDNS',
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  steps: ({ inventory }) => {
    const { skipPhases } = inventory.cluster
    return skipPhases.some((phase) => phase === 'addon/coredns' || phase === 'addon') ? [] : [spreadDnsStep()]
  },
}
