// NO_PROXY: everything that a cluster reaches directly, but for its hosts: each addition would restart containerd everywhere. Proxies without subnets in their list break the API (kubeadm#666).
import type { Registry } from '../model/inventory.js'

export interface Direct {
  readonly vip: string
  readonly dnsName: string | null
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly dnsDomain: string
  readonly registries: readonly Registry[]
  readonly own: readonly string[]
}

export const noProxy = (direct: Direct): readonly string[] => [
  ...new Set([
    'localhost',
    '127.0.0.1',
    direct.vip,
    ...(direct.dnsName === null ? [] : [direct.dnsName]),
    direct.podSubnet,
    direct.serviceSubnet,
    '.svc',
    `.${direct.dnsDomain}`,
    ...direct.registries
      .flatMap(({ host, mirrors }) => [host, ...mirrors.map((mirror) => new URL(mirror).host)])
      .map(withoutPort),
    ...direct.own,
  ]),
]

const withoutPort = (host: string): string => host.replace(/:\d+$/, '')
