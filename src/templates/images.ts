// Images of the control plane by Kubernetes version, before a kubeadm is there to be asked.
import type { Cluster, Version } from '../model/inventory.js'

/**
 * `kubeadm config images list` of each minor version's first release (cmd/kubeadm/app/constants). Patch releases raise
 * etcd and CoreDNS now and then, never pause: once kubeadm is on a host its own list decides.
 */
const table: Readonly<Record<number, { readonly pause: string; readonly etcd: string; readonly coredns: string }>> = {
  20: { pause: '3.2', etcd: '3.4.13-0', coredns: '1.7.0' },
  21: { pause: '3.4.1', etcd: '3.4.13-0', coredns: 'v1.8.0' },
  22: { pause: '3.5', etcd: '3.5.0-0', coredns: 'v1.8.4' },
  23: { pause: '3.6', etcd: '3.5.1-0', coredns: 'v1.8.6' },
  24: { pause: '3.7', etcd: '3.5.3-0', coredns: 'v1.8.6' },
  25: { pause: '3.8', etcd: '3.5.4-0', coredns: 'v1.9.3' },
  26: { pause: '3.9', etcd: '3.5.6-0', coredns: 'v1.9.3' },
  27: { pause: '3.9', etcd: '3.5.7-0', coredns: 'v1.10.1' },
  28: { pause: '3.9', etcd: '3.5.9-0', coredns: 'v1.10.1' },
  29: { pause: '3.9', etcd: '3.5.10-0', coredns: 'v1.11.1' },
  30: { pause: '3.9', etcd: '3.5.12-0', coredns: 'v1.11.1' },
  31: { pause: '3.10', etcd: '3.5.15-0', coredns: 'v1.11.1' },
  32: { pause: '3.10', etcd: '3.5.16-0', coredns: 'v1.11.3' },
  33: { pause: '3.10', etcd: '3.5.21-0', coredns: 'v1.12.0' },
  34: { pause: '3.10.1', etcd: '3.6.4-0', coredns: 'v1.12.1' },
}
const oldest = 20
const newest = 34

/** The first patch release of these minors that took registry.k8s.io (kubernetes #113393, #113984; December 2022). */
const firstWithNewRegistry: Readonly<Record<number, number>> = { 22: 17, 23: 15, 24: 9 }

/** kubeadm's own default for this version. */
export const defaultImageRepository = (version: Version): 'registry.k8s.io' | 'k8s.gcr.io' => {
  const isNew = version.minor >= 25 || version.patch >= (firstWithNewRegistry[version.minor] ?? Infinity)
  return isNew ? 'registry.k8s.io' : 'k8s.gcr.io'
}

export const imageRepository = (cluster: Cluster): string =>
  cluster.imageRepository ?? defaultImageRepository(cluster.version)

/** The sandbox image, one for containerd and kubeadm: two differing ones are pulled both, and one may be missing (R-O3). */
export const pauseImage = (cluster: Cluster): string =>
  cluster.containerd.pauseImage ?? `${imageRepository(cluster)}/pause:${row(cluster.version).pause}`

/** What `kubeadm config images list` will say, pause included; etcd and CoreDNS as of the minor's first release. */
export const controlPlaneImages = (cluster: Cluster): readonly string[] => {
  const repository = imageRepository(cluster)
  const { pause, etcd, coredns } = row(cluster.version)
  // From 1.21 on the official image moved to coredns/coredns; a repository of one's own keeps the flat name.
  const isMoved = cluster.version.minor >= 21 && repository === defaultImageRepository(cluster.version)
  const core = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy']
  return [
    ...core.map((name) => `${repository}/${name}:v${cluster.version.text}`),
    `${repository}/pause:${pause}`,
    `${repository}/etcd:${etcd}`,
    `${repository}/${isMoved ? 'coredns/coredns' : 'coredns'}:${coredns}`,
  ]
}

const row = ({ minor }: Version) => {
  const found = table[Math.min(Math.max(minor, oldest), newest)]
  if (found === undefined) throw new Error(`no images for the minor version ${minor}`)
  return found
}
