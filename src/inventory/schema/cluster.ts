// `cluster:` — the one specification that all hosts share.
import * as z from 'zod'
import { nameOrIpFault, registryHostFault, repositoryFault, subnetFault, urlFault } from './addresses.js'
import { endpoint } from './endpoint.js'
import { flag, settings, text, word } from './leaf.js'
import { clusterNameFault, dnsNameFault } from './names.js'
import { packages } from './packages.js'
import { secretRef } from './secret-ref.js'
import { cniVersionFault, ignoredCheckFault, skipPhaseFault, versionFault } from './versions.js'

const registry = z
  .strictObject({
    host: text({ description: 'Registry as it stands in image names.', example: '10.0.0.1:5000' }, registryHostFault),
    mirrors: z
      .array(text({ description: 'URL of a mirror.', example: 'https://mirror.example' }, urlFault))
      .meta({ description: 'URLs that are asked first, in this order.', example: '["https://mirror.example"]' })
      .optional(),
    plainHttp: flag({ description: 'The registry speaks plain HTTP.', otherwise: 'false' }).optional(),
    skipVerify: flag({ description: 'Take any certificate of the registry.', otherwise: 'false' }).optional(),
    ca: text({ description: 'File with the CA of the registry.', example: './registry-ca.crt' }).optional(),
    credentials: z
      .strictObject({
        user: text({ description: 'User at the registry.', example: 'robot' }),
        password: secretRef('Password at the registry, by reference.'),
      })
      .meta({ description: 'Login at the registry.', example: '{ user: robot, password: { env: REGISTRY_PASSWORD } }' })
      .optional(),
  })
  .meta({ description: 'How nodes talk to a registry.', example: '{ host: "10.0.0.1:5000", plainHttp: true }' })

const proxy = z
  .strictObject({
    http: text({ description: 'Proxy for http:// URLs.', example: 'http://proxy.example:3128' }, urlFault).optional(),
    https: text({ description: 'Proxy for https:// URLs.', example: 'http://proxy.example:3128' }, urlFault).optional(),
    noProxy: z
      .array(text({ description: 'Name, address or subnet.', example: '.example' }))
      .meta({
        description: 'More that goes without the proxy; hosts, VIP, subnets and registries are always in the list.',
        example: '[.example]',
      })
      .optional(),
  })
  .superRefine((proxies, ctx) => {
    if (proxies.http !== undefined || proxies.https !== undefined) return
    const hint = 'Add `https: "http://proxy.example:3128"`, or remove `proxy`.'
    ctx.addIssue({ code: 'custom', message: 'no proxy is named', params: { code: 'proxy', hint } })
  })
  .meta({
    description: 'Proxy for package managers and containerd.',
    example: '{ https: "http://proxy.example:3128" }',
  })

const containerd = z
  .strictObject({
    package: text({
      description: "Package name: `containerd`, or `containerd.io` from Docker's repositories.",
      example: 'containerd',
      otherwise: 'containerd',
    }).optional(),
    version: text({
      description: 'Exact version of the package.',
      example: '1.6.20~ds1-1+deb12u1',
      otherwise: "the repository's newest at the first installation, held from then on",
    }).optional(),
    pauseImage: text({
      description: 'Sandbox image.',
      example: 'registry.k8s.io/pause:3.9',
      otherwise: 'the one kubeadm names for this version',
    }).optional(),
    restrictOomScoreAdj: flag({
      description: 'For hosts that may not lower oom_score_adj (containers, some virtual machines).',
      otherwise: 'false',
    }).optional(),
    dataRoot: text(
      {
        description: 'Folder of images and containers.',
        example: '/var/lib/containerd',
        otherwise: '/var/lib/containerd',
      },
      absoluteFault,
    ).optional(),
    extra: text({ description: 'TOML appended to config.toml.', example: '[debug]' }).optional(),
  })
  .meta({ description: 'Settings of containerd.', example: '{ restrictOomScoreAdj: true }' })

const cniPlugin = z
  .strictObject({
    calico: text(
      { description: 'Calico of this version, from its released manifest.', example: 'v3.28.0' },
      cniVersionFault,
    ).optional(),
    flannel: text(
      { description: 'Flannel of this version, from its released manifest.', example: 'v0.25.1' },
      cniVersionFault,
    ).optional(),
    manifest: text({
      description: 'Any manifest: a file, or a URL that is fetched once and cached.',
      example: './cni.yaml',
    }).optional(),
  })
  .superRefine((cni, ctx) => {
    const given = Object.keys(cni)
    if (given.length === 1) return
    const message =
      given.length === 0 ? 'no network plugin is named' : `more than one network plugin is named: ${given.join(', ')}`
    const hint = 'Write one of { calico: v3.28.0 }, { flannel: v0.25.1 }, { manifest: PATH-OR-URL }, or none.'
    ctx.addIssue({ code: 'custom', message, params: { code: 'cni', hint } })
  })
  .meta({ description: 'A network plugin: exactly one of these keys.', example: '{ calico: v3.28.0 }' })

const os = z
  .strictObject({
    hostsFile: word(['manage', 'leave'], {
      description: 'Whether khactl keeps the names of all hosts in a block of its own in /etc/hosts.',
      example: 'manage',
      otherwise: 'manage',
    }).optional(),
    time: word(['chrony', 'timesyncd', 'leave'], {
      description: 'Time service that is set up where none runs.',
      example: 'chrony',
      otherwise: 'chrony',
    }).optional(),
    firewall: word(['open', 'leave', 'disable'], {
      description:
        "What happens to a running firewalld or ufw: the role's ports are opened, nothing, or it is switched off.",
      example: 'open',
      otherwise: 'open',
    }).optional(),
    selinux: word(['leave', 'permissive', 'enforcing'], {
      description: 'Mode of SELinux.',
      example: 'leave',
      otherwise: 'leave',
    }).optional(),
    sysctls: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .meta({ description: 'More sysctls beside those Kubernetes needs.', example: '{ vm.max_map_count: 262144 }' })
      .optional(),
    modules: z
      .array(text({ description: 'Kernel module.', example: 'nf_conntrack' }))
      .meta({ description: 'More kernel modules beside those Kubernetes needs.', example: '[nf_conntrack]' })
      .optional(),
  })
  .meta({ description: 'Settings of the operating system.', example: '{ time: chrony }' })

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

function absoluteFault(value: string) {
  return value.startsWith('/') && !value.includes('/../')
    ? null
    : {
        code: 'path',
        message: `\`${value}\` is not an absolute path`,
        hint: 'It is a folder on the hosts: write something like `/var/lib/containerd`.',
      }
}

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
    cni: z.union([z.literal('none'), cniPlugin]).meta({
      description:
        'Network plugin; without one no node becomes Ready, so there is no default; `none` says that you install it yourself',
      example: '{ calico: v3.28.0 }',
    }),
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
export type CniEntry = ClusterEntry['cni']
