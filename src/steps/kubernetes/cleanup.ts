// Takes away what an init or join that died left behind, so that it can be done again. The only place with `kubeadm reset`.
import type { HostState } from '../../model/host.js'
import type { Look } from '../../model/look.js'
import { KhactlError } from '../../model/error.js'
import { step, type Step, type Writer } from '../../model/step.js'
import { parseMembers } from '../../facts/kubernetes/etcd-members.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { markerPath } from '../../facts/kubernetes/remains.js'
import { join, raw, sh } from '../../text/sh.js'
import { transient } from '../transient.js'

export interface Cleanup {
  readonly state: Look<HostState>
  readonly host: CleanupHost
  /** `leader`: a master's entry in etcd is looked for there, and taken out. `none`: there is no cluster, or it is a worker. */
  readonly etcd: 'leader' | 'none'
}

export interface CleanupHost {
  readonly name: string
  readonly nodeIP: string
  readonly criSocket: string
}

export const cleanupStep = ({ state, host, etcd }: Cleanup): Step =>
  step({
    id: 'kubeadm:cleanup',
    title: 'Remove what an unfinished kubeadm run left behind',
    look: state,
    diff: ({ kind }) =>
      kind === 'half-initialised' || kind === 'half-joined'
        ? [{ path: 'unfinished membership', from: kind, to: null, impact: 'none' }]
        : [],
    writes: etcd === 'leader' ? ['self', 'leader'] : ['self'],
    apply: async (at) => {
      if (etcd === 'leader') await leaveEtcd(await at.at('leader'), host)
      await reset(at.self, host)
    },
  })

/** A member that never started is taken out of etcd; one that started is a vote, and is never wiped (R-I1, R-K2). */
export const leaveEtcd = async (leader: Writer, { name, nodeIP }: CleanupHost): Promise<void> => {
  const answer = await leader.run(join([leaderTools, raw('etcd member list')], ''))
  const own = parseMembers(answer.stdout.toString('utf8')).find(
    (member) => member.name === name || member.peerUrls.some((url) => url.includes(`//${nodeIP}:`)),
  )
  if (!own) return
  if (own.part === 'voter')
    throw new KhactlError('kubeadm.voter', {
      message: `${name} was left half-joined, but etcd counts it as a voting member; it is not wiped`,
      exit: 'refused',
      hint: `Bring its etcd back (crictl logs on ${name}), or take the member out: etcdctl member remove ${own.id}.`,
    })
  await leader.run(join([leaderTools, sh`etcd member remove ${own.id}`], ''))
}

/** kubeadm leaves etcd's data where it finds no manifest of it; the marker goes last, so that half a cleanup is begun again. */
export const reset = async (self: Writer, { criSocket }: CleanupHost): Promise<void> => {
  await transient(self, {
    name: 'kubeadm-reset',
    command: sh`kubeadm reset --force --cri-socket ${criSocket} || exit
rm -rf /etc/kubernetes/manifests/*.yaml /var/lib/etcd/member /var/lib/kubelet/config.yaml /var/lib/kubelet/pki
rm -f /etc/kubernetes/*.conf
rm -rf /etc/kubernetes/pki
rm -f ${markerPath.init} ${markerPath.join}`,
    within: 300_000,
  })
}
