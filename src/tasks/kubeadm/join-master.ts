// kubeadm.join-master: one more master, strictly one at a time (R-K1).
import type { Task } from '../../model/playbook.js'
import { joinSteps } from './join.js'

export const kubeadmJoinMaster: Task = {
  name: 'kubeadm.join-master',
  title: 'Join masters',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy', 'master'],
  steps: (scope) => joinSteps(scope, 'control plane'),
}
