// kubeadm.config-map: before a master joins, and for every renewal and upgrade after it, kubeadm knows the API server's names.
import type { Task } from '../../model/playbook.js'
import { kubeadmConfigMapStep } from '../../steps/kubernetes/kubeadm-config-map.js'
import { certificateSANs } from '../../templates/kubeadm.js'

export const kubeadmConfigMap: Task = {
  name: 'kubeadm.config-map',
  title: "kubeadm's configuration",
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  // kubeadm init writes them itself.
  steps: ({ inventory, founder }) => (founder === null ? [kubeadmConfigMapStep(certificateSANs(inventory))] : []),
}
