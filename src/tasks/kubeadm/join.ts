// What the joins of masters and of workers have in common.
import type { Scope } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { cleanupStep } from '../../steps/kubernetes/cleanup.js'
import { finishJoinStep, joinStep } from '../../steps/kubernetes/join.js'
import type { Minting } from '../../steps/kubernetes/mint.js'
import { addedMember, kubeadmJoinConfig, kubeadmJoinFlags } from '../../templates/kubeadm.js'
import { kubeadmUploadCertsConfig } from '../../templates/kubeadm-upload-certs.js'
import { endpointUrl, identity } from '../identity.js'
import { isMember, joiner, moveOf } from '../member.js'
import { labelled } from '../node.js'

/** For a member only what an unseen end of its join left; nothing for a host that nextMove leaves alone. */
export const joinSteps = (scope: Scope, role: 'control plane' | 'worker'): readonly Step[] => {
  if (isMember(scope)) return [finishJoined(scope)]
  if (moveOf(scope) !== (role === 'worker' ? 'join-worker' : 'join-master')) return []
  const { inventory, host, observed } = scope
  const { cluster } = inventory
  const state = identity(inventory, host)
  const joining = joiner(scope, host)
  const join = joinStep({
    state,
    cluster: cluster.name,
    host: joining,
    ttlSeconds: cluster.tokenTtlSeconds,
    config: (minted) => kubeadmJoinConfig(inventory, { host, ...minted }),
    uploadConfig: role === 'worker' ? null : uploadConfig(scope),
    flags: kubeadmJoinFlags(cluster),
    etcd: role === 'worker' ? null : addedMember(cluster),
  })
  const cleanup = cleanupStep({ state, host: joining, cluster: 'there' })
  return [...(observed.get(host.name)?.kind === 'fresh' ? [] : [cleanup]), join, labelled(scope, host)]
}

export const finishJoined = ({ inventory, host }: Scope): Step =>
  finishJoinStep({ node: host.name, endpoint: endpointUrl(inventory) })

const uploadConfig =
  ({ inventory }: Scope): Minting['uploadConfig'] =>
  ({ leader, certificateKey }) => {
    // A master that is to leave leads while no other can.
    const host = [...inventory.hosts, ...inventory.leaving].find(({ name }) => name === leader)
    if (!host) throw new Error(`the leader ${leader} is not in the inventory`)
    return kubeadmUploadCertsConfig(inventory, { leader: host, certificateKey })
  }
