// cni: the network add-on of the inventory, applied through the leader.
import type { Task } from '../model/playbook.js'
import { manifestStep } from '../steps/kubernetes/manifest.js'

export const cni: Task = {
  name: 'cni',
  title: 'Network add-on',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy', 'master'],
  steps: ({ inventory, founder }) => {
    const { cni: wanted } = inventory.cluster
    if (wanted.kind === 'none') return []
    const manifest = { key: 'cni', name: wanted.name, text: wanted.text }
    return [manifestStep(manifest, founder === null ? null : { applied: null, lacking: [] })]
  },
}
