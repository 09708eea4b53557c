// The checked file → Inventory: every default of khactl stands here.
import type { Secret } from '../model/command.js'
import type {
  Cluster,
  Cni,
  Endpoint,
  Inventory,
  Json,
  PackageSource,
  Proxy,
  Registry,
  Version,
} from '../model/inventory.js'
import { buildHosts, type Checked } from './build-hosts.js'
import { noProxy } from './no-proxy.js'
import { derivedRouterId } from './router-id.js'
import type { ClusterEntry } from './schema/cluster.js'
import type { SshSources } from './ssh-target.js'
import { pathIn, type Surroundings } from './surroundings.js'

export const defaults = {
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  dnsDomain: 'cluster.local',
  apiPort: 6443,
  monitorPort: 8404,
} as const

/** What had to be read, fetched or asked for. */
export interface Resolved {
  readonly packages: PackageSource
  readonly cni: Cni
  /** By the path of the reference, joined with dots. */
  readonly secrets: ReadonlyMap<string, Secret>
  readonly configOf: SshSources['configOf']
}

export const buildInventory = (
  surroundings: Surroundings,
  { whole, mentions, ...resolved }: Checked & Resolved,
): Inventory => {
  const { secrets, configOf } = resolved
  const { hosts, leaving } = buildHosts({ surroundings, secrets, configOf }, { whole, mentions })
  return {
    file: surroundings.file,
    cluster: buildCluster(surroundings, { entry: whole.cluster, ...resolved }),
    hosts,
    leaving,
  }
}

interface Parts extends Resolved {
  readonly entry: ClusterEntry
}

const buildCluster = (surroundings: Surroundings, parts: Parts): Cluster => {
  const { entry, packages, cni } = parts
  return {
    name: entry.name,
    version: versionOf(entry.version),
    endpoint: endpointOf(parts),
    etcd: 'stacked',
    podSubnet: entry.podSubnet ?? defaults.podSubnet,
    serviceSubnet: entry.serviceSubnet ?? defaults.serviceSubnet,
    dnsDomain: entry.dnsDomain ?? defaults.dnsDomain,
    imageRepository: entry.imageRepository ?? null,
    registries: registriesOf(surroundings, parts),
    proxy: proxyOf(surroundings, parts),
    packages,
    certificateSANs: entry.certificateSANs ?? [],
    containerd: {
      package: entry.containerd?.package ?? 'containerd',
      version: entry.containerd?.version ?? null,
      pauseImage: entry.containerd?.pauseImage ?? null,
      restrictOomScoreAdj: entry.containerd?.restrictOomScoreAdj ?? false,
      dataRoot: entry.containerd?.dataRoot ?? '/var/lib/containerd',
      extra: entry.containerd?.extra ?? '',
    },
    cni,
    kubeletConfiguration: (entry.kubeletConfiguration ?? {}) as Json,
    kubeProxyConfiguration: (entry.kubeProxyConfiguration ?? {}) as Json,
    kubeadmConfiguration: (entry.kubeadmConfiguration ?? {}) as Json,
    skipPhases: entry.skipPhases ?? [],
    ignorePreflightErrors: entry.ignorePreflightErrors ?? [],
    os: {
      hostsFile: entry.os?.hostsFile ?? 'manage',
      time: entry.os?.time ?? 'chrony',
      firewall: entry.os?.firewall ?? 'open',
      selinux: entry.os?.selinux ?? 'leave',
      sysctls: Object.fromEntries(Object.entries(entry.os?.sysctls ?? {}).map(([key, value]) => [key, String(value)])),
      modules: entry.os?.modules ?? [],
    },
    kubeconfig: kubeconfigOf(surroundings, entry),
    tokenTtlSeconds: 900,
  }
}

export const versionOf = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text.replace(/^v/, '').split('.').map(Number)
  return { major, minor, patch, text: `${major}.${minor}.${patch}` }
}

const endpointOf = ({ entry: { name, endpoint }, secrets }: Parts): Endpoint => ({
  kind: 'haproxy',
  vip: endpoint.vip,
  vipPrefix: endpoint.vipPrefix ?? 32,
  port: endpoint.port ?? defaults.apiPort,
  dnsName: endpoint.dnsName ?? null,
  routerId: endpoint.routerId ?? derivedRouterId({ name, vip: endpoint.vip }),
  keepalived: {
    advertSeconds: endpoint.keepalived?.advertSeconds ?? 1,
    password: secrets.get('cluster.endpoint.keepalived.password') ?? null,
  },
  haproxy: {
    maxConnections: endpoint.haproxy?.maxConnections ?? 8000,
    hardStopAfterSeconds: endpoint.haproxy?.hardStopAfterSeconds ?? 600,
    monitorPort: endpoint.haproxy?.monitorPort ?? defaults.monitorPort,
    timeoutSeconds: endpoint.haproxy?.timeoutSeconds ?? 14_400,
    extra: endpoint.haproxy?.extra ?? '',
  },
})

const registriesOf = (surroundings: Surroundings, { entry, secrets }: Parts): readonly Registry[] =>
  (entry.registries ?? []).map(({ host, mirrors = [], plainHttp, skipVerify, ca, credentials }, index) => {
    const password = secrets.get(`cluster.registries.${index}.credentials.password`)
    return {
      host,
      mirrors,
      transport: plainHttp === true ? 'http' : skipVerify === true ? 'https-unverified' : 'https',
      ca: ca === undefined ? null : pathIn(surroundings, ca),
      credentials: credentials === undefined || password === undefined ? null : { user: credentials.user, password },
    }
  })

const proxyOf = (surroundings: Surroundings, parts: Parts): Proxy | null => {
  const { proxy, endpoint, podSubnet, serviceSubnet, dnsDomain } = parts.entry
  if (proxy?.http === undefined && proxy?.https === undefined) return null
  const direct = {
    vip: endpoint.vip,
    dnsName: endpoint.dnsName ?? null,
    podSubnet: podSubnet ?? defaults.podSubnet,
    serviceSubnet: serviceSubnet ?? defaults.serviceSubnet,
    dnsDomain: dnsDomain ?? defaults.dnsDomain,
    registries: registriesOf(surroundings, parts),
    own: proxy.noProxy ?? [],
  }
  return { http: proxy.http ?? null, https: proxy.https ?? null, noProxy: noProxy(direct) }
}

const kubeconfigOf = (surroundings: Surroundings, { name, kubeconfig }: ClusterEntry): Cluster['kubeconfig'] => {
  if (kubeconfig === 'none') return { file: null, merge: 'no' }
  return {
    file: pathIn(surroundings, kubeconfig?.file ?? `${name}.kubeconfig`),
    merge: kubeconfig?.merge === true ? 'merge' : 'no',
  }
}
