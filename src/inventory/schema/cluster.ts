// `cluster:` — the one specification that all hosts share.
import * as z from 'zod'
import { nameOrIpFault, repositoryFault, subnetFault } from './addresses.js'
import { cni } from './cni.js'
import { endpoint } from './endpoint.js'
import { flag, settings, text, word } from './leaf.js'
import { clusterNameFault, dnsNameFault } from './names.js'
import { containerd, os } from './nodes.js'
import { packages } from './packages.js'
import { proxy, registry } from './registries.js'
import { ignoredCheckFault, skipPhaseFault, versionFault } from './versions.js'

const kubeconfig = z
  .strictObject({
    file: text({
      description: 'File for the admin kubeconfig on this machine (0600).',
      example: './lab.kubeconfig',
      otherwise: 'CLUSTER.kubeconfig beside the inventory',
    }).optional(),
    merge: flag({ description: 'Whether it is merged into ~/.kube/config too.', otherwise: 'false' }).optional(),
  })
  .meta({ description: 'The kubeconfig for you.', example: '{ file: ./lab.kubeconfig }' })

export const cluster = z
  .strictObject({
    name: text({ description: 'Name of the cluster.', example: 'lab' }, clusterNameFault),
    version: text(
      { description: 'Kubernetes version.', example: '1.30.4', pattern: '^v?1\\.\\d+\\.\\d+$' },
      versionFault,
    ),
    endpoint,
    etcd: word(['stacked'], {
      description: 'stacked: etcd runs on the masters.',
      example: 'stacked',
      otherwise: 'stacked',
      notYet: { external: 'etcd on hosts of its own' },
    }).optional(),
    podSubnet: text(
      {
        description: 'Subnet for pods; not used anywhere else in your network.',
        example: '10.244.0.0/16',
        otherwise: '10.244.0.0/16',
      },
      subnetFault,
    ).optional(),
    serviceSubnet: text(
      {
        description: 'Subnet for Services; not used anywhere else in your network.',
        example: '10.96.0.0/12',
        otherwise: '10.96.0.0/12',
      },
      subnetFault,
    ).optional(),
    dnsDomain: text(
      { description: 'DNS domain inside the cluster.', example: 'cluster.local', otherwise: 'cluster.local' },
      dnsNameFault,
    ).optional(),
    imageRepository: text(
      {
        description: 'Where the control-plane images come from.',
        example: '10.0.0.1:5000/google_containers',
        otherwise: "kubeadm's own for this version",
      },
      repositoryFault,
    ).optional(),
    registries: z
      .array(registry)
      .meta({ description: 'Registries that need more than HTTPS on their own name.', example: '[]' })
      .optional(),
    proxy: proxy.optional(),
    packages: packages.optional(),
    certificateSANs: z
      .array(text({ description: 'Name or address.', example: 'k8s.example.com' }, nameOrIpFault))
      .meta({
        description:
          "More names and addresses for the API server's certificate; VIP, dnsName and masters are always in it.",
        example: '[k8s.example.com]',
      })
      .optional(),
    containerd: containerd.optional(),
    cni,
    kubeletConfiguration: settings('Merged into the KubeletConfiguration of all nodes.', '{ maxPods: 200 }').optional(),
    kubeProxyConfiguration: settings('Merged into the KubeProxyConfiguration.', '{ mode: ipvs }').optional(),
    kubeadmConfiguration: settings(
      "Merged into kubeadm's ClusterConfiguration, last.",
      '{ apiServer: { extraArgs: { v: "4" } } }',
    ).optional(),
    skipPhases: z
      .array(text({ description: 'Phase of `kubeadm init`.', example: 'addon/coredns' }, skipPhaseFault))
      .meta({ description: 'Phases of `kubeadm init` to leave out.', example: '[addon/coredns]' })
      .optional(),
    ignorePreflightErrors: z
      .array(text({ description: 'Check of kubeadm.', example: 'SystemVerification' }, ignoredCheckFault))
      .meta({ description: 'Checks of kubeadm that may fail, by name.', example: '[SystemVerification]' })
      .optional(),
    os: os.optional(),
    kubeconfig: z
      .union([z.literal('none'), kubeconfig])
      .meta({
        description: 'The kubeconfig that is fetched for you; none: it stays on the masters.',
        example: '{ file: ./lab.kubeconfig }',
      })
      .optional(),
  })
  .meta({ description: 'The cluster.', example: '{ name: lab, version: 1.30.4, … }' })

export type ClusterEntry = z.output<typeof cluster>
