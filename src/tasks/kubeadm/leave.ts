// kubeadm.leave: a node leaves the cluster, in the order in which nothing is lost: pods, etcd member, the host itself, its Node.
import type { Scope, Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { drainStep } from '../../steps/kubernetes/leave/drain.js'
import { forgetNamesStep } from '../../steps/kubernetes/leave/forget-names.js'
import { forgetNodeStep } from '../../steps/kubernetes/leave/forget-node.js'
import { leaveEtcdStep } from '../../steps/kubernetes/leave/leave-etcd.js'
import { resetStep } from '../../steps/kubernetes/leave/reset.js'
import type { Leaver } from '../../steps/kubernetes/leave/leaver.js'
import { controlPlaneEndpoint, isNode } from '../../templates/hosts.js'
import { joiner } from '../member.js'

export const kubeadmLeave: Task = {
  name: 'kubeadm.leave',
  title: 'Leave the cluster',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy', 'master'],
  steps: (scope) => (isNode(scope.host) ? leaving(scope) : []),
}

const leaving = (scope: Scope): readonly Step[] => {
  const { host, observed, wishes } = scope
  const reach = observed.get(host.name)?.kind === 'unreachable' ? 'dead' : 'reached'
  const leaver: Leaver = { ...joiner(scope, host), reach }
  const isMaster = leaver.role === 'control plane'
  return [
    // Nobody on a host that was made anew would confirm that a pod has ended.
    ...(reach === 'dead' || observed.get(host.name)?.kind === 'fresh'
      ? []
      : [drainStep({ leaver, losses: wishes.drain })]),
    ...(isMaster
      ? [forgetNamesStep({ leaver, endpoint: controlPlaneEndpoint(scope.inventory) }), leaveEtcdStep({ leaver })]
      : []),
    ...(reach === 'dead' ? [] : [resetStep({ leaver })]),
    forgetNodeStep({ name: host.name }),
  ]
}
