// Which ports and protocols each host uses, and for whom: what a firewall must let in, and what must be free before.
import type { Cluster, Inventory, Kin } from '../model/inventory.js'
import { apiPort, hostsWith, isNode } from './hosts.js'

export interface PortUse {
  readonly protocol: 'tcp' | 'udp' | 'vrrp'
  /** First and last port, both included; VRRP is IP protocol 112 and has none. */
  readonly ports: { readonly first: number; readonly last: number } | null
  /** `self`: bound to 127.0.0.1, so it must be free but is never opened. */
  readonly from: 'anyone' | 'hosts' | 'haproxy' | 'self'
  readonly use: string
}

/** https://kubernetes.io/docs/reference/networking/ports-and-protocols/, and what khactl adds on haproxy hosts. */
export const portUses = (inventory: Inventory, host: Kin): readonly PortUse[] => [
  ...(host.roles.includes('haproxy') ? haproxyUses(inventory) : []),
  ...(host.roles.includes('master') ? masterUses : []),
  ...(isNode(host) ? [...nodeUses, ...cniUses(inventory.cluster)] : []),
]

/** Of those, what a firewall has to let in from elsewhere. */
export const openedPorts = (inventory: Inventory, host: Kin): readonly PortUse[] =>
  portUses(inventory, host).filter((use) => use.from !== 'self')

/** Sources that a node's firewall has to trust as a whole: pods reach the kubelet and each other by any port. */
export const trustedSources = ({ cluster }: Inventory): readonly string[] => [cluster.podSubnet, cluster.serviceSubnet]

/** Addresses behind `from`; null: anyone. */
export const sourcesOf = (inventory: Inventory, { from }: PortUse): readonly string[] | null => {
  if (from === 'anyone') return null
  if (from === 'self') return []
  const hosts = from === 'haproxy' ? hostsWith(inventory, 'haproxy') : inventory.hosts
  return hosts.map((host) => host.nodeIP)
}

type Uses = readonly PortUse[]
const tcp = (first: number, last = first) => ({ protocol: 'tcp', ports: { first, last } }) as const
const udp = (port: number) => ({ protocol: 'udp', ports: { first: port, last: port } }) as const

const haproxyUses = ({ cluster: { endpoint } }: Inventory): Uses => [
  { ...tcp(endpoint.port), from: 'anyone', use: 'API through haproxy' },
  { ...tcp(endpoint.haproxy.monitorPort), from: 'self', use: 'haproxy monitor' },
  { protocol: 'vrrp', ports: null, from: 'haproxy', use: 'keepalived' },
]

const masterUses: Uses = [
  { ...tcp(apiPort), from: 'anyone', use: 'kube-apiserver' },
  { ...tcp(2379, 2380), from: 'hosts', use: 'etcd clients and peers' },
  { ...tcp(2381), from: 'self', use: 'etcd metrics' },
  { ...tcp(10_257), from: 'self', use: 'kube-controller-manager' },
  { ...tcp(10_259), from: 'self', use: 'kube-scheduler' },
]

const nodeUses: Uses = [
  { ...tcp(10_250), from: 'hosts', use: 'kubelet' },
  { ...tcp(10_248, 10_249), from: 'self', use: 'kubelet health, kube-proxy metrics' },
  { ...tcp(10_256), from: 'anyone', use: 'kube-proxy health' },
  { ...tcp(30_000, 32_767), from: 'anyone', use: 'NodePort services' },
  { protocol: 'udp', ports: { first: 30_000, last: 32_767 }, from: 'anyone', use: 'NodePort services' },
]

const calico: Uses = [
  { ...tcp(179), from: 'hosts', use: 'Calico BGP' },
  { ...tcp(5473), from: 'hosts', use: 'Calico Typha' },
  { ...udp(4789), from: 'hosts', use: 'VXLAN' },
]
const flannel: Uses = [{ ...udp(8472), from: 'hosts', use: 'VXLAN of flannel' }]

/** A network khactl does not know gets the ports of those it knows, from the cluster's hosts alone. */
const cniUses = ({ cni }: Cluster): Uses => {
  if (cni.kind === 'manifest' && /^calico\b/.test(cni.name)) return calico
  if (cni.kind === 'manifest' && /^flannel\b/.test(cni.name)) return flannel
  return [...calico, ...flannel]
}
