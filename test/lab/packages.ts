// What is in the Kubernetes packages of the lab, as upstream's 1.20 packages have it, for both formats.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { crictl, kubernetes, version } from './kubernetes.js'
import type { System } from './profiles.js'

interface PackageFile {
  readonly path: string
  readonly from: { readonly file: string } | { readonly text: string }
  readonly executable: boolean
  readonly config: boolean
}

export interface Package {
  readonly name: string
  readonly version: string
  readonly summary: string
  readonly depends: Readonly<Record<System, readonly string[]>>
  readonly files: readonly PackageFile[]
}

/** More than one version can be had, so that pinning one is a real choice. The programs in them are the same. */
export const versions = ['1.20.1', version]

const unit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/home/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`

const dropIn = (environment: string): string => `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# This is a file that "kubeadm init" and "kubeadm join" generates at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# This is a file that the user can use for overrides of the kubelet args as a last resort. Preferably, the user should use
# the .NodeRegistration.KubeletExtraArgs object in the configuration files instead. KUBELET_EXTRA_ARGS should be sourced from this file.
EnvironmentFile=-${environment}
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

const program = (path: string, file: string): PackageFile => ({ path, from: { file }, executable: true, config: false })
const text = (path: string, content: string, config = false): PackageFile => ({
  path,
  from: { text: content },
  executable: false,
  config,
})

export async function kubernetesPackages(system: System): Promise<Package[]> {
  const bin = join(await kubernetes(), 'bin')
  const crictlFile = join(await crictl(), 'crictl')
  const plugins = '/usr/lib/cni'
  const deb = system === 'deb'
  const unitFolder = deb ? 'lib/systemd/system' : 'usr/lib/systemd/system'
  const drop = deb
    ? text('etc/systemd/system/kubelet.service.d/10-kubeadm.conf', dropIn('/etc/default/kubelet'), true)
    : text('usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf', dropIn('/etc/sysconfig/kubelet'))
  const release = (it: string): Package[] => [
    {
      name: 'kubelet',
      version: it,
      summary: 'Kubernetes Node Agent',
      depends: {
        deb: [
          'iptables (>= 1.4.21)',
          'kubernetes-cni (>= 0.8.7)',
          'iproute2',
          'socat',
          'util-linux',
          'mount',
          'ebtables',
          'ethtool',
          'conntrack',
        ],
        rpm: ['iptables', 'kubernetes-cni >= 0.8.7', 'socat', 'ethtool', 'ebtables', 'conntrack'],
      },
      files: [
        program('usr/bin/kubelet', join(bin, 'kubelet')),
        text(`${unitFolder}/kubelet.service`, unit),
        ...(deb ? [] : [text('etc/sysconfig/kubelet', 'KUBELET_EXTRA_ARGS=\n', true)]),
      ],
    },
    {
      name: 'kubectl',
      version: it,
      summary: 'Kubernetes Command Line Tool',
      depends: { deb: [], rpm: [] },
      files: [program('usr/bin/kubectl', join(bin, 'kubectl'))],
    },
    {
      name: 'kubeadm',
      version: it,
      summary: 'Kubernetes Cluster Bootstrapping Tool',
      depends: {
        deb: ['kubelet (>= 1.13.0)', 'kubectl (>= 1.13.0)', 'kubernetes-cni (>= 0.8.7)', 'cri-tools (>= 1.13.0)'],
        rpm: ['kubelet >= 1.13.0', 'kubectl >= 1.13.0', 'kubernetes-cni >= 0.8.7', 'cri-tools >= 1.13.0'],
      },
      files: [program('usr/bin/kubeadm', join(bin, 'kubeadm')), drop],
    },
  ]
  return [
    ...versions.flatMap(release),
    {
      name: 'kubernetes-cni',
      version: '0.8.7',
      summary: 'Kubernetes CNI (plugins of Debian)',
      depends: { deb: [], rpm: [] },
      files: readdirSync(plugins).map((name) => program(`opt/cni/bin/${name}`, join(plugins, name))),
    },
    {
      name: 'cri-tools',
      version: '1.13.0',
      summary: "Container Runtime Interface Tools (a stand-in of khactl's lab)",
      depends: { deb: [], rpm: [] },
      files: [program('usr/bin/crictl', crictlFile)],
    },
  ]
}
