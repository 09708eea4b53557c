// kubeadm's configuration files for `init` and `join`.
import { isSecret, secret } from '../model/command.js'
import type { Secret } from '../model/command.js'
import type { Cluster, Host, Inventory, Json, JsonValue, Taint } from '../model/inventory.js'
import { initTokenDescription } from '../model/init-token.js'
import { kubernetesYaml } from '../text/yaml.js'
import { apiPort, controlPlaneEndpoint, hostsWith } from './hosts.js'
import {
  criSocket,
  extraArgs,
  kubeadmHeader,
  skipPhaseFlags,
  skipPhasesPart,
  withExtraArgs,
} from './kubeadm-version.js'
import { canPatchKubelet, kubeletConfiguration, kubeletPatch, patchesFolder } from './kubelet.js'
import { asObject, mergeJson } from './merge-json.js'

/**
 * InitConfiguration, ClusterConfiguration, KubeletConfiguration and, where the inventory has one, KubeProxyConfiguration.
 * kubeadm always makes a bootstrap token (an empty list means the default of 24 h) and cannot leave the phase out, which
 * also publishes cluster-info: so it makes one that lives a minute and is revoked at the end of `init`. No `--upload-certs`:
 * khactl mints tokens and the certificate key itself, just before a join (R-K4).
 */
export const kubeadmInitConfig = (inventory: Inventory, host: Host): string => {
  const { cluster } = inventory
  const init: Json = {
    ...kubeadmHeader(cluster.version, 'InitConfiguration'),
    bootstrapTokens: [{ description: initTokenDescription, ttl: '1m0s' }],
    nodeRegistration: nodeRegistration(cluster, host),
    localAPIEndpoint: localEndpoint(host),
    ...skipPhasesPart(cluster, 'init'),
    ...patches(cluster, host),
  }
  const proxy = cluster.kubeProxyConfiguration
  return documents([
    init,
    clusterConfiguration(inventory),
    kubeletConfiguration(cluster),
    ...(Object.keys(proxy).length === 0 ? [] : [mergeJson(kubeProxyHeader, proxy)]),
  ])
}

/** What `kubeadm config images list` wants to know, the same for all hosts: of a node it only checks that there is one. */
export const kubeadmImagesConfig = (inventory: Inventory): string => {
  const [master] = hostsWith(inventory, 'master')
  if (!master) throw new Error('an inventory has a master')
  return kubeadmInitConfig(inventory, master)
}

/** Flags of `kubeadm init` beside `--config`; the token is not for the log. */
export const kubeadmInitFlags = (cluster: Cluster): readonly string[] => [
  '--skip-token-print',
  ...skipPhaseFlags(cluster, 'init'),
]

export const kubeadmJoinFlags = (cluster: Cluster): readonly string[] => skipPhaseFlags(cluster, 'join')

/** How kubeadm adds a master's member to etcd: from 1.29 on as a learner, which has no vote until it has caught up (its feature EtcdLearnerMode). */
export const addedMember = ({ version }: Cluster): 'voter' | 'learner' => (version.minor >= 29 ? 'learner' : 'voter')

export interface Joining {
  readonly host: Host
  readonly token: Secret
  /** `sha256:…` of the cluster's CA: discovery without it trusts whoever answers at the VIP. */
  readonly caCertHashes: readonly string[]
  /** Given: joins as a master. null: as a worker. */
  readonly certificateKey: Secret | null
}

/** JoinConfiguration as text and secrets in order, to be put together only where it is sent. */
export const kubeadmJoinConfig = (inventory: Inventory, joining: Joining): readonly (string | Secret)[] => {
  const { cluster } = inventory
  const { host, token, caCertHashes, certificateKey } = joining
  return withSecrets([token, certificateKey].filter(isSecret), ([tokenMark = '', keyMark = '']) =>
    documents([
      {
        ...kubeadmHeader(cluster.version, 'JoinConfiguration'),
        discovery: {
          bootstrapToken: { token: tokenMark, apiServerEndpoint: controlPlaneEndpoint(inventory), caCertHashes },
        },
        nodeRegistration: nodeRegistration(cluster, host),
        ...(certificateKey === null
          ? {}
          : { controlPlane: { localAPIEndpoint: localEndpoint(host), certificateKey: keyMark } }),
        ...skipPhasesPart(cluster, 'join'),
        ...patches(cluster, host),
      },
    ]),
  )
}

/** What every API server's certificate holds from day one, for one master too (R-K3). */
export const certificateSANs = (inventory: Inventory): readonly string[] => {
  const masters = hostsWith(inventory, 'master').flatMap((host) => [host.name, host.nodeIP])
  return [...new Set([...endpointNames(inventory), ...masters, ...commonNames(inventory)])]
}

/**
 * What the certificate of one master must hold. The names of other masters are welcome in it, but a new master must not
 * have everybody's certificate issued again.
 */
export const servingNames = (inventory: Inventory, { name, nodeIP }: Host): readonly string[] => [
  ...new Set([...sharedNames(inventory), name, nodeIP]),
]

/** What every API server must prove to be, whichever of them the endpoint chooses. */
export const sharedNames = (inventory: Inventory): readonly string[] => [
  ...new Set([...endpointNames(inventory), ...commonNames(inventory)]),
]

const endpointNames = ({ cluster: { endpoint } }: Inventory): readonly string[] => [
  endpoint.vip,
  ...(endpoint.dnsName === null ? [] : [endpoint.dnsName]),
]

/** The operator's stand in either of two places of the inventory; they are added, never instead. */
const commonNames = ({ cluster }: Inventory): readonly string[] => {
  const { certSANs } = asObject(cluster.kubeadmConfiguration['apiServer'])
  const operators = Array.isArray(certSANs) ? (certSANs as readonly string[]) : []
  return ['127.0.0.1', 'localhost', ...cluster.certificateSANs, ...operators]
}

/** The operator's ClusterConfiguration is laid over khactl's. */
export const clusterConfiguration = (inventory: Inventory): Json => {
  const { cluster } = inventory
  const own: Json = {
    ...kubeadmHeader(cluster.version, 'ClusterConfiguration'),
    clusterName: cluster.name,
    kubernetesVersion: `v${cluster.version.text}`,
    controlPlaneEndpoint: controlPlaneEndpoint(inventory),
    ...(cluster.imageRepository === null ? {} : { imageRepository: cluster.imageRepository }),
    networking: {
      dnsDomain: cluster.dnsDomain,
      podSubnet: cluster.podSubnet,
      serviceSubnet: cluster.serviceSubnet,
    },
    etcd: { local: { dataDir: '/var/lib/etcd' } },
  }
  const merged = mergeJson(own, withExtraArgs(cluster.version, cluster.kubeadmConfiguration))
  return mergeJson(merged, { apiServer: { certSANs: certificateSANs(inventory) } })
}

const kubeProxyHeader: Json = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' }

/** The node IP is always said: on a host with two networks both kubeadm and the kubelet guess (R-O7). */
const localEndpoint = (host: Host): Json => ({ advertiseAddress: host.nodeIP, bindPort: apiPort })

const nodeRegistration = (cluster: Cluster, host: Host): Json => {
  const taints = nodeTaints(cluster, host)
  return {
    name: host.name,
    criSocket: criSocket(cluster.version),
    kubeletExtraArgs: extraArgs(cluster.version, { 'node-ip': host.nodeIP }),
    ...(taints === null ? {} : { taints }),
    ...(cluster.ignorePreflightErrors.length === 0 ? {} : { ignorePreflightErrors: cluster.ignorePreflightErrors }),
  }
}

/** null: kubeadm's default. A list replaces that default, so a master's own taint is in it; a master that is a worker has none. */
const nodeTaints = (cluster: Cluster, host: Host): JsonValue => {
  const own = host.taints.map(taint)
  if (!host.roles.includes('master')) return own.length === 0 ? null : own
  if (host.roles.includes('worker')) return own
  return own.length === 0 ? null : [...masterTaints(cluster).map(taint), ...own]
}

const taint = ({ key, value, effect }: Taint): Json => (value === '' ? { key, effect } : { key, value, effect })

/** The label's name changed: `master` up to 1.23, both in 1.24, `control-plane` from 1.25 on (kubeadm #2200). */
const masterTaints = ({ version: { minor } }: Cluster): readonly Taint[] => {
  const names = [...(minor <= 24 ? ['master'] : []), ...(minor >= 24 ? ['control-plane'] : [])]
  return names.map((name) => ({ key: `node-role.kubernetes.io/${name}`, value: '', effect: 'NoSchedule' }))
}

const patches = (cluster: Cluster, host: Host): Json =>
  kubeletPatch(host) !== null && canPatchKubelet(cluster) ? { patches: { directory: patchesFolder.path } } : {}

const documents = (all: readonly Json[]): string => all.map((one) => kubernetesYaml(one)).join('---\n')

/** Renders with marks in place of the secrets, then puts each in, quoted: `123456.1234567890123456` would be a number. */
const withSecrets = (secrets: readonly Secret[], render: (marks: readonly string[]) => string): (string | Secret)[] => {
  // `@` cannot begin a plain YAML value, so that every mark stands in quotes.
  const text = render(secrets.map((_, index) => `@secret-${index}@`))
  return text.split(/"@secret-(\d+)@"/).map((part, index) => {
    const value = secrets[Number(part)]
    return index % 2 === 1 && value !== undefined ? secret(JSON.stringify(value.reveal())) : part
  })
}
