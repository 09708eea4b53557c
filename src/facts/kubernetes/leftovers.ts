// What lies on a host of its time as a node beside kubeadm's own files: the network plugin's, kube-proxy's, the kubelet's.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Leftovers {
  /** Below /etc/cni/net.d, whatever no package of the host owns. */
  readonly cni: readonly string[]
  readonly interfaces: readonly string[]
  /** Names of the programs (`iptables-nft`) that list chains of kube-proxy, the kubelet or CNI plugins. */
  readonly chains: readonly string[]
  /** Folders that are not empty: etcd's data, the plugins' state. */
  readonly folders: readonly string[]
  /** root's own kubeconfig is this cluster's admin.conf. */
  readonly kubeconfig: 'of this cluster' | 'other'
  readonly kubeProxy: 'runs' | 'not'
  readonly kubelet: { readonly enabled: string; readonly active: string }
}

/** Names that network plugins and kube-proxy give; `tunl0` and the like are the kernel's and cannot be deleted. */
const interfaces =
  'cni0 flannel.1 flannel-v6.1 vxlan.calico vxlan-v6.calico wireguard.cali wg-v6.cali cilium_host cilium_net cilium_vxlan cilium_geneve weave kube-bridge kube-ipvs0 nodelocaldns'

const folders = '/var/lib/etcd /var/lib/cni /run/flannel /run/calico /var/lib/kubelet/pods'

/**
 * Shell functions, for the look and for what takes these things away: `cni_files`, `own_interfaces`, `full_folders`,
 * `tables` (the save programs of iptables that are there), `kube_proxy_runs`, `root_config_is_ours`.
 * A list without `-t` loads no module: the legacy program tells only tables that exist already.
 */
export const leftoverTools = raw(`
owned() { if command -v dpkg-query >/dev/null; then dpkg-query -S "$1" >/dev/null 2>&1; elif command -v rpm >/dev/null; then rpm -qf "$1" >/dev/null 2>&1; else false; fi; }
cni_files() { for f in /etc/cni/net.d/* /etc/cni/net.d/.[!.]*; do [ -e "$f" ] || [ -L "$f" ] || continue; owned "$f" || echo "$f"; done; }
own_interfaces() { for i in ${interfaces}; do ip link show dev "$i" >/dev/null 2>&1 && echo "$i"; done; }
full_folders() { for d in ${folders}; do [ ! -d "$d" ] || [ -z "$(ls -A "$d")" ] || echo "$d"; done; }
tables() { for f in iptables ip6tables; do n=
  for k in $f-legacy $f-nft; do ! command -v "$k-save" >/dev/null || { n=1; echo "$k"; }; done
  [ -n "$n" ] || ! command -v "$f-save" >/dev/null || echo "$f"; done; }
kube_proxy_runs() { for p in /proc/[0-9]*; do c=; read -r c <"$p/comm" 2>/dev/null; [ "$c" != kube-proxy ] || return 0; done 2>/dev/null; return 1; }
ca_of() { sed -n 's/^ *certificate-authority-data: *//p' "$1" 2>/dev/null; }
root_config_is_ours() { [ -f /root/.kube/config ] || return 1
  for f in /etc/kubernetes/admin.conf /etc/kubernetes/kubelet.conf; do [ -n "$(ca_of $f)" ] && [ "$(ca_of $f)" = "$(ca_of /root/.kube/config)" ] && return 0; done; return 1; }
`)

const script = `
cni_files | sed 's/^/cni /'
own_interfaces | sed 's/^/interface /'
full_folders | sed 's/^/folder /'
for t in $(tables); do ! "$t-save" 2>/dev/null | grep -q -E '^:(KUBE|CNI)-' || echo "chains $t"; done
! kube_proxy_runs || echo kube-proxy
! root_config_is_ours || echo kubeconfig
systemctl show -p UnitFileState,ActiveState kubelet.service | sed 's/^/unit /'
echo end`

export const parseLeftovers = (text: string): Leftovers => {
  const lines = text.split('\n')
  const rest = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const unit = (name: string): string =>
    rest('unit')
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ''
  return {
    cni: rest('cni'),
    interfaces: rest('interface'),
    chains: rest('chains'),
    folders: rest('folder'),
    kubeconfig: lines.includes('kubeconfig') ? 'of this cluster' : 'other',
    kubeProxy: lines.includes('kube-proxy') ? 'runs' : 'not',
    kubelet: { enabled: unit('UnitFileState'), active: unit('ActiveState') },
  }
}

const kind: Kind<null, Leftovers> = {
  name: 'kubernetes leftovers',
  stays: 'host',
  cost: 'cheap',
  within: 30_000,
  ask: () => readOnly({ parts: [...leftoverTools.parts, script] }),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parseLeftovers(text))
      : unreadable(`what the host holds of its time as a node: ${stderr.toString('utf8').trim()}`)
    return args.map(() => seen)
  },
}

/** Works on a bare host. */
export const leftovers = (): Fact<Leftovers> => fact(kind, null)
