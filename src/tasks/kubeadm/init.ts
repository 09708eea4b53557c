// kubeadm.init: the cluster is made on its first master; on a cluster that is there, what a dead run left is put right.
import type { StepId } from '../../model/fact.js'
import type { Scope, Task } from '../../model/playbook.js'
import { cleanupStep } from '../../steps/kubernetes/cleanup.js'
import { finishInitStep, initStep } from '../../steps/kubernetes/init.js'
import { revokeStep } from '../../steps/kubernetes/revoke.js'
import { kubeadmInitConfig, kubeadmInitFlags } from '../../templates/kubeadm.js'
import { canValidate, skippedPhases } from '../../templates/kubeadm-version.js'
import { endpointUrl, identity } from '../identity.js'
import { joiner } from '../member.js'
import { labelled } from '../node.js'
import { finishJoined } from './join.js'

/** The step that makes the first leader: what must be asked of one is unknown until then. */
export const founding: StepId = 'kubeadm:init'

export const kubeadmInit: Task = {
  name: 'kubeadm.init',
  title: 'kubeadm init',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy', 'master'],
  steps: (scope) => {
    const { inventory, host, founder } = scope
    const { cluster } = inventory
    const config = kubeadmInitConfig(inventory, host)
    const flags = kubeadmInitFlags(cluster)
    if (founder === null)
      return [finishInitStep({ config, skipped: skippedPhases(cluster, 'init') }), finishJoined(scope), revokeStep()]
    return founder === host.name ? found(scope, { config, flags }) : []
  },
}

const found = (scope: Scope, { config, flags }: { readonly config: string; readonly flags: readonly string[] }) => {
  const { inventory, host } = scope
  const { cluster } = inventory
  const state = identity(inventory, host)
  const cleanup = cleanupStep({ state, host: joiner(scope, host), cluster: 'none' })
  const init = initStep({
    id: founding,
    state,
    cluster: cluster.name,
    version: `v${cluster.version.text}`,
    node: host.name,
    endpoint: endpointUrl(inventory),
    config,
    flags,
    validation: canValidate(cluster.version) ? 'possible' : 'impossible',
  })
  const isHalf = scope.observed.get(host.name)?.kind === 'half-initialised'
  return [...(isHalf ? [cleanup] : []), init, labelled(scope, host)]
}
