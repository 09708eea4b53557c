// kubeadm.reset: takes Kubernetes off a host whose cluster is given up, or never counted it; nobody else is asked.
import type { Task } from '../../model/playbook.js'
import { resetStep } from '../../steps/kubernetes/leave/reset.js'
import { joiner } from '../member.js'

export const kubeadmReset: Task = {
  name: 'kubeadm.reset',
  title: 'Take Kubernetes off the host',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) => [resetStep({ leaver: { ...joiner(scope, scope.host), reach: 'reached' }, cluster: 'given up' })],
}
