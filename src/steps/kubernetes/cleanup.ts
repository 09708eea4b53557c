// Takes away what an init or join that died left behind, so that it can be done again.
import type { HostState } from '../../model/host.js'
import { mayOwn } from '../../model/membership.js'
import type { Look } from '../../model/look.js'
import { KhactlError } from '../../model/error.js'
import { step, type Step, type Writer } from '../../model/step.js'
import { parseMembers } from '../../facts/kubernetes/etcd-members.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { join, raw, sh } from '../../text/sh.js'
import { transient } from '../transient.js'
import { kubeadmReset, removeMarkers } from './kubeadm-reset.js'

/** A host that is to become a member. */
export interface Joiner {
  readonly name: string
  readonly nodeIP: string
  readonly role: 'control plane' | 'worker'
  readonly criSocket: string
}

export interface Cleanup {
  readonly state: Look<HostState>
  readonly host: Joiner
  /** `there`: what the cluster remembers of the host is taken out of it, through its leader. `none`: it is still to be made. */
  readonly cluster: 'there' | 'none'
}

export const cleanupStep = ({ state, host, cluster }: Cleanup): Step =>
  step({
    id: 'kubeadm:cleanup',
    title: 'Remove what an unfinished kubeadm run left behind',
    look: state,
    diff: ({ kind }) =>
      kind === 'half-initialised' || kind === 'half-joined'
        ? [{ path: 'unfinished membership', from: kind, to: null, impact: 'membership' }]
        : [],
    writes: cluster === 'there' ? ['self', 'leader'] : ['self'],
    apply: async (at) => cleanUp({ self: at.self, leader: cluster === 'there' ? await at.at('leader') : null, host }),
  })

/** etcd first, as a member that will never start weighs on its quorum; the Node last, as its kubelet would make it again. */
export const cleanUp = async (of: {
  readonly self: Writer
  readonly leader: Writer | null
  readonly host: Joiner
}): Promise<void> => {
  const { self, leader, host } = of
  if (leader) await leaveEtcd(leader, host)
  await reset(self, host)
  await leader?.run(join([leaderTools, sh`kube delete node ${host.name} --ignore-not-found >/dev/null`], ''))
}

/**
 * A member that never started is taken out of etcd; one that started is a vote, and is never wiped (R-I1, R-K2). etcd is
 * asked whatever the inventory says: a host listed as a worker may have been a master.
 */
const leaveEtcd = async (leader: Writer, { name, nodeIP }: Joiner): Promise<void> => {
  const answer = await leader.run(join([leaderTools, raw('etcd member list')], ''))
  const own = parseMembers(answer.stdout.toString('utf8')).find((member) => mayOwn({ host: name, nodeIP }, member))
  if (!own) return
  if (own.part === 'voter')
    throw new KhactlError('kubeadm.voter', {
      message: `${name} was left half-joined, but etcd counts it as a voting member; it is not wiped`,
      exit: 'refused',
      hint: `Bring its etcd back (crictl logs on ${name}), or take the host out: khactl remove ${name}.`,
    })
  await leader.run(join([leaderTools, sh`etcd member remove ${own.id}`], ''))
}

const reset = async (self: Writer, { criSocket }: Joiner): Promise<void> => {
  await transient(self, {
    name: 'kubeadm-reset',
    command: join([kubeadmReset(criSocket), removeMarkers], ''),
    within: 300_000,
  })
}
