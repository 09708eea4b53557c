// os.swap: no swap where a kubelet runs, now and after a reboot.
import type { Task } from '../../model/playbook.js'
import { swapOff } from '../../steps/swap.js'
import { isNode } from '../../templates/hosts.js'
import { alike } from '../alike.js'

/** A kubelet that was told to live with swap (`failSwapOn: false`) is believed; load balancers keep theirs. */
export const osSwap: Task = {
  name: 'os.swap',
  title: 'Turn swap off',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: alike(({ inventory, host }) => {
    const settings = { ...inventory.cluster.kubeletConfiguration, ...host.kubeletConfiguration }
    return isNode(host) && settings['failSwapOn'] !== false ? [swapOff()] : []
  }),
}
