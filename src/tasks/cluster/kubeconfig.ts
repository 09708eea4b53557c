// cluster.kubeconfig: the admin's kubeconfig for the operator.
import type { Inventory } from '../../model/inventory.js'
import type { Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { fetchKubeconfigStep } from '../../steps/kubernetes/fetch-kubeconfig.js'
import { endpointUrl } from '../identity.js'

export const clusterKubeconfig: Task = {
  name: 'cluster.kubeconfig',
  title: 'kubeconfig',
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  steps: ({ inventory, founder }) => kubeconfigSteps(inventory, founder === null ? 'there' : 'fresh'),
}

/** Also for khactl kubeconfig, which has no playbook. */
export const kubeconfigSteps = (inventory: Inventory, founding: 'there' | 'fresh'): readonly Step[] => {
  const { kubeconfig, name } = inventory.cluster
  if (kubeconfig.file === null) return []
  const wanted = { cluster: name, endpoint: endpointUrl(inventory), file: kubeconfig.file, merge: kubeconfig.merge }
  return [fetchKubeconfigStep(wanted, founding)]
}
