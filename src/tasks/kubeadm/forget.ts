// kubeadm.forget: what the cluster remembers of hosts that are no more: etcd members that never answer again, and Nodes.
import type { Move } from '../../model/membership.js'
import type { Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { dropMemberStep } from '../../steps/kubernetes/leave/drop-member.js'
import { forgetNodeStep } from '../../steps/kubernetes/leave/forget-node.js'

export const kubeadmForget: Task = {
  name: 'kubeadm.forget',
  title: 'Forget hosts that are no more',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy', 'master'],
  steps: ({ moves }) => moves.flatMap((move) => (move.kind === 'forget' ? forgetting(move) : [])),
}

const forgetting = ({ member, node, why }: Extract<Move, { kind: 'forget' }>): readonly Step[] => [
  ...(member === null ? [] : [dropMemberStep({ member, why })]),
  ...(node === null ? [] : [forgetNodeStep({ name: node })]),
]
