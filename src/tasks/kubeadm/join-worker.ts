// kubeadm.join-worker: workers, side by side.
import type { Task } from '../../model/playbook.js'
import { joinSteps } from './join.js'

export const kubeadmJoinWorker: Task = {
  name: 'kubeadm.join-worker',
  title: 'Join workers',
  widest: null,
  kind: 'changes',
  stoppedBy: ['haproxy'],
  steps: (scope) => joinSteps(scope, 'worker'),
}
