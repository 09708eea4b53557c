// The kubelet's configuration: one for the cluster, a patch for a host that differs, and the cgroup driver that follows.
import type { Cluster, Json, Kin } from '../model/inventory.js'
import { kubernetesYaml } from '../text/yaml.js'
import { mergeJson } from './merge-json.js'
import type { Place } from './rendered.js'

export const kubeletConfiguration = (cluster: Cluster): Json =>
  mergeJson(
    { ...kubeletHeader, cgroupDriver: 'systemd', clusterDomain: cluster.dnsDomain },
    cluster.kubeletConfiguration,
  )

const kubeletHeader = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }

export type CgroupDriver = 'systemd' | 'cgroupfs'

/** The kubelet's, and so containerd's (R-O2): systemd unless the inventory says otherwise, for all or for this host. */
export const cgroupDriver = ({ cluster, host }: { cluster: Cluster; host?: Kin }): CgroupDriver => {
  const all = mergeJson(kubeletConfiguration(cluster), host?.kubeletConfiguration ?? {})
  return all['cgroupDriver'] === 'cgroupfs' ? 'cgroupfs' : 'systemd'
}

/** Folder of kubeadm's patches; exists on a host only when it has one. */
export const patchesFolder: Place = { path: '/etc/kubernetes/khactl-patches', mode: 0o755 }
export const kubeletPatchFile: Place = {
  path: `${patchesFolder.path}/kubeletconfiguration+merge.yaml`,
  mode: 0o644,
}

/** kubeadm takes a patch of the kubelet's configuration from 1.25 on (kubeadm #1682); before, a host cannot differ. */
export const canPatchKubelet = ({ version }: Cluster): boolean => version.minor >= 25

/** What this host's kubelet has beside the cluster's; null: nothing. */
export const kubeletPatch = ({ kubeletConfiguration: own }: Kin): string | null =>
  Object.keys(own).length === 0 ? null : kubernetesYaml(mergeJson(kubeletHeader, own))
