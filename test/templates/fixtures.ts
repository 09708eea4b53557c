// Inventories for the tests of the templates: one that is complete, and changes to it.
import type { HostName } from '../../src/model/host.js'
import type { Cluster, Host, Inventory, Role, Version } from '../../src/model/inventory.js'

export const version = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number)
  return { major, minor, patch, text }
}

export const host = (name: string, nodeIP: string, more: Partial<Host> = {}): Host => ({
  name: name as HostName,
  roles: [name.replace(/-\d+$/, '') as Role],
  ssh: {
    address: nodeIP,
    port: 22,
    user: 'root',
    keys: [],
    agent: 'ignore',
    knownHosts: '/dev/null',
    hostKeys: 'accept-new',
    pinned: null,
    passphrase: null,
    password: null,
    jump: [],
    client: 'ssh2',
    config: 'ignore',
    sudoPassword: null,
  },
  nodeIP,
  labels: {},
  taints: [],
  kubeletConfiguration: {},
  interface: null,
  ...more,
})

export const haproxies = (count: number): readonly Host[] =>
  Array.from({ length: count }, (_, index) => host(`haproxy-${index + 1}`, `10.9.0.${11 + index}`))
export const masters = [1, 2, 3].map((index) => host(`master-${index}`, `10.9.0.${20 + index}`))
export const workers = [1, 2].map((index) => host(`worker-${index}`, `10.9.0.${30 + index}`))

export const cluster = (kubernetes: string, more: Partial<Cluster> = {}): Cluster => ({
  name: 'lab',
  version: version(kubernetes),
  endpoint: {
    kind: 'haproxy',
    vip: '10.9.0.10',
    vipPrefix: 32,
    port: 8443,
    dnsName: null,
    routerId: 47,
    keepalived: { advertSeconds: 1, password: null },
    haproxy: {
      maxConnections: 10_000,
      hardStopAfterSeconds: 600,
      monitorPort: 8404,
      timeoutSeconds: 14_400,
      extra: '',
    },
  },
  etcd: 'stacked',
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  dnsDomain: 'cluster.local',
  imageRepository: null,
  registries: [],
  proxy: null,
  packages: { source: 'host' },
  certificateSANs: [],
  containerd: {
    package: 'containerd',
    version: null,
    pauseImage: null,
    restrictOomScoreAdj: false,
    dataRoot: '/var/lib/containerd',
    extra: '',
  },
  cni: { kind: 'none' },
  kubeletConfiguration: {},
  kubeProxyConfiguration: {},
  kubeadmConfiguration: {},
  skipPhases: [],
  ignorePreflightErrors: [],
  os: { hostsFile: 'manage', time: 'leave', firewall: 'open', selinux: 'leave', sysctls: {}, modules: [] },
  kubeconfig: { file: null, merge: 'no' },
  tokenTtlSeconds: 900,
  ...more,
})

export const inventory = (kubernetes: string, more: Partial<Cluster> = {}): Inventory => ({
  file: 'inventory.yaml',
  cluster: cluster(kubernetes, more),
  hosts: [...haproxies(2), ...masters, ...workers],
  leaving: [],
})

export const first = <T>(list: readonly T[]): T => {
  const [item] = list
  if (item === undefined) throw new Error('the list is empty')
  return item
}
