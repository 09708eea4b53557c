// The text of `kubeadm reset` and of what it leaves behind, for who takes a host back to where it was before kubeadm.
import type { Command } from '../../model/command.js'
import { markerPath, rebuildFolder } from '../../facts/kubernetes/remains.js'
import { sh } from '../../text/sh.js'

/** kubeadm leaves etcd's data where it finds no manifest of it; the markers go last, so that half a reset is begun again. */
export const kubeadmReset = (criSocket: string): Command => sh`kubeadm reset --force --cri-socket ${criSocket} || exit
rm -rf /etc/kubernetes/manifests/*.yaml /var/lib/etcd/member /var/lib/kubelet/config.yaml /var/lib/kubelet/pki
rm -f /etc/kubernetes/*.conf
rm -rf /etc/kubernetes/pki ${rebuildFolder}
`

export const removeMarkers: Command = sh`rm -f ${markerPath.init} ${markerPath.join}`
