// A host that left: kubeadm reset and what that leaves of a node. Nothing is touched while etcd still counts it.
import { KhactlError } from '../../../model/error.js'
import { all, map, see } from '../../../model/look.js'
import { step, type Change, type Step, type Writer } from '../../../model/step.js'
import { parseMembers } from '../../../facts/kubernetes/etcd-members.js'
import { leaderTools } from '../../../facts/kubernetes/leader-tools.js'
import { leftovers, leftoverTools, type Leftovers } from '../../../facts/kubernetes/leftovers.js'
import { remains, type Remains } from '../../../facts/kubernetes/remains.js'
import { join, raw } from '../../../text/sh.js'
import { transient } from '../../transient.js'
import { kubeadmReset, removeMarkers } from '../kubeadm-reset.js'
import { removeChains } from './chains.js'
import { ownMembers } from './leave-etcd.js'
import type { Leaver } from './leaver.js'

export interface Reset {
  readonly leaver: Leaver
  /** `there` (default): its leader is asked whether etcd still counts the host. `given up`: nobody is asked. */
  readonly cluster?: 'there' | 'given up'
}

type Have = { readonly remains: Pick<Remains, 'files' | 'initMarker' | 'joinMarker'>; readonly leftovers: Leftovers }

/** Id `kubeadm:leave`. Packages stay, and so does what khactl itself put on the host. */
export const resetStep = ({ leaver, cluster = 'there' }: Reset): Step =>
  step<Have>({
    id: 'kubeadm:leave',
    title: `Reset what Kubernetes left on ${leaver.name}`,
    look: map(all({ remains: see(remains()), leftovers: see(leftovers()) }), (have) => have),
    diff: resetChanges,
    writes: cluster === 'there' ? ['self', 'leader'] : ['self'],
    settle: { within: 30_000, every: 1000 },
    apply: async (at) => {
      if (cluster === 'there') await refuseMember(await at.at('leader'), leaver)
      await transient(at.self, {
        name: 'kubeadm-leave',
        summary: 'kubeadm reset',
        command: resetScript(leaver.criSocket),
        within: 420_000,
      })
    },
  })

export const resetChanges = ({
  remains: { files, initMarker, joinMarker },
  leftovers: left,
}: Have): readonly Change[] => {
  // What lies there comes and goes with the pods, which move while others leave.
  const gone = (path: string, from: string): Change => ({ path, from, to: null, impact: 'none', volatile: true })
  const isNode = files.size > 0 || initMarker !== null || joinMarker !== null
  // What another program's kube-proxy keeps on a host that is no node of ours is not ours.
  const chains = left.kubeProxy === 'runs' && !isNode ? [] : left.chains
  return [
    ...(isNode
      ? [
          {
            path: 'kubeadm files',
            from: [...files].toSorted().join(', ') || 'begun',
            to: null,
            impact: 'membership' as const,
          },
        ]
      : []),
    ...left.folders.map((path) => gone(path, 'not empty')),
    ...left.cni.map((path) => gone(path, 'present')),
    ...left.interfaces.map((name) => gone(`interface ${name}`, 'present')),
    ...chains.map((program) => gone(`${program} chains KUBE-*, CNI-*`, 'present')),
    ...(left.kubeconfig === 'of this cluster' ? [gone('/root/.kube/config', 'admin of this cluster')] : []),
    ...unit('active', { have: left.kubelet.active, stays: ['inactive', 'failed', ''], to: 'inactive' }),
    ...unit('enabled', { have: left.kubelet.enabled, stays: ['disabled', 'masked', 'static', ''], to: 'disabled' }),
  ]
}

const unit = (
  what: string,
  { have, stays, to }: { readonly have: string; readonly stays: readonly string[]; readonly to: string },
): readonly Change[] =>
  stays.includes(have) ? [] : [{ path: `unit kubelet.service ${what}`, from: have, to, impact: 'none', volatile: true }]

/** Asked even of a worker: a host listed as one may have been a master. */
const refuseMember = async (leader: Writer, leaver: Leaver): Promise<void> => {
  const answer = await leader.run(join([leaderTools, raw('etcd member list')], ''))
  const [member] = ownMembers(parseMembers(answer.stdout.toString('utf8')), leaver)
  if (!member) return
  throw new KhactlError('kubeadm.voter', {
    message: `etcd still counts ${leaver.name} as a member (${member.id}, ${member.part}); the host is not reset`,
    exit: 'refused',
    hint: 'khactl remove takes the member out first. Run it again.',
  })
}

/**
 * Without admin.conf kubeadm has no client, so it works with what lies on the host and never waits for a cluster that does
 * not know it any more. root's kubeconfig is compared before the files that it is compared with go. No kubelet, no new
 * pods; the CNI configuration stays until their sandboxes are gone, which need it. kubeadm.conf files and markers go last.
 */
const resetScript = (criSocket: string) =>
  join(
    [
      leftoverTools,
      raw(`if root_config_is_ours; then rm -f /root/.kube/config; fi
rm -f /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf
if systemctl cat kubelet.service >/dev/null 2>&1; then systemctl disable --now kubelet.service || exit; fi
if command -v kubeadm >/dev/null; then :; else echo 'khactl: kubeadm is not installed'; exit 1; fi
`),
      kubeadmReset(criSocket),
      raw(afterReset),
      removeChains,
      removeMarkers,
    ],
    '',
  )

const afterReset = `
systemctl disable --now kubelet.service 2>/dev/null; systemctl reset-failed kubelet.service 2>/dev/null
for m in $(awk '$2 ~ "^/var/lib/kubelet/" { print $2 }' /proc/mounts | sort -r); do umount "$m" || exit; done
rm -rf /var/lib/kubelet/pods /etc/kubernetes/tmp /run/flannel /run/calico /var/lib/cni
for d in /var/lib/etcd; do [ ! -d "$d" ] || { find "$d" -mindepth 1 -delete && { rmdir "$d" 2>/dev/null || :; }; } || exit; done
cni_files | while read -r f; do rm -rf "$f"; done
for i in $(own_interfaces); do ip link delete "$i" 2>/dev/null || ! ip link show dev "$i" >/dev/null 2>&1 || exit 1; done
`
