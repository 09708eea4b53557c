// Is the network as the inventory says: node IP, virtual IP, routes, names, and nothing in the way of pods and services.
import { network, type Network } from '../../facts/endpoint/network.js'
import { machine } from '../../facts/preflight/machine.js'
import type { Host, Inventory } from '../../model/inventory.js'
import { see } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import type { Problem, Step } from '../../model/step.js'
import { isNode } from '../../templates/hosts.js'
import { alike, kinOf, type KinScope } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'
import { inSubnet } from './subnet.js'

export const networkChecks = (scope: Scope): readonly Step[] => [
  ...ownNetworkChecks(scope),
  ...sharedNetworkChecks(scope),
]

const ownNetworkChecks = (scope: Scope): readonly Step[] => {
  const { inventory, host } = scope
  const kin = kinOf(scope)
  return [
    preflight(kin, {
      id: 'khactl:node-ip',
      title: 'Have the node IP on an interface',
      look: see(network()),
      problems: (have) => nodeIpProblems(have, { host, vip: inventory.cluster.endpoint.vip }),
    }),
    preflight(kin, {
      id: 'khactl:vip-subnet',
      title: "Have the virtual IP in the node IP's subnet",
      look: see(network()),
      problems: (have) =>
        host.roles.includes('haproxy') ? vipSubnetProblems(have, { host, vip: inventory.cluster.endpoint.vip }) : [],
    }),
  ]
}

const sharedNetworkChecks = alike((scope) => {
  const { inventory, host, member } = scope
  return [
    preflight(scope, {
      id: 'khactl:subnets',
      title: 'Have no address in the subnets of pods and services',
      look: see(network()),
      problems: (have) => (member ? [] : subnetProblems(have, inventory)),
    }),
    preflight(scope, {
      id: 'khactl:default-route',
      title: 'Have a default route',
      look: see(network()),
      problems: ({ defaultRoute }) =>
        defaultRoute !== null || !isNode(host)
          ? []
          : [
              warning(
                'there is no default route; the host itself cannot reach Services then',
                `Add a default route, or one for ${inventory.cluster.serviceSubnet}.`,
              ),
            ],
    }),
    preflight(scope, {
      id: 'khactl:resolv-conf',
      title: 'Have a resolver',
      look: see(machine()),
      problems: ({ nameservers }) => resolverProblems(nameservers, scope),
    }),
    preflight(scope, {
      id: 'khactl:proxy',
      title: 'Have the proxy that the inventory names',
      look: see(machine()),
      problems: ({ proxies }) =>
        proxies.length === 0 || inventory.cluster.proxy !== null
          ? []
          : [
              warning(
                `/etc/environment sets a proxy (${proxies[0]}), the inventory has none; containerd and kubeadm go without`,
                'Set cluster.proxy in the inventory if images and packages come through it.',
              ),
            ],
    }),
  ]
})

interface Wanted {
  readonly host: Host
  readonly vip: string
}

export const nodeIpProblems = ({ addresses }: Network, { host, vip }: Wanted): readonly Problem[] => {
  if (addresses.some(({ address }) => address === host.nodeIP)) return []
  const candidates = addresses.filter((one) => one.interface !== 'lo' && one.address !== vip)
  const named = candidates.map((one) => `${one.address} (${one.interface})`).join(', ')
  return [
    failure(
      `the node IP ${host.nodeIP} is on no interface; there are ${named === '' ? 'none' : named}`,
      `Set nodeIP of ${host.name} in the inventory to the address the cluster shall use (address is only for ssh).`,
    ),
  ]
}

export const vipSubnetProblems = ({ addresses }: Network, { host, vip }: Wanted): readonly Problem[] => {
  const own = addresses.find(({ address }) => address === host.nodeIP)
  if (!own || inSubnet(vip, `${own.address}/${own.prefix}`)) return []
  return [
    failure(
      `the virtual IP ${vip} is not in the subnet of the node IP, ${own.address}/${own.prefix} on ${own.interface}`,
      'Choose a free address of that subnet: keepalived announces it by ARP, which no router passes on.',
    ),
  ]
}

/** Bridges and tunnels that a CNI made for itself are no conflict. */
const virtual = /^(cni|flannel|tunl|vxlan|cali|kube-|docker|br-|virbr|veth|nodelocaldns|dummy)/

export const subnetProblems = ({ addresses }: Network, { cluster }: Inventory): readonly Problem[] =>
  addresses
    .filter((one) => one.interface !== 'lo' && !virtual.test(one.interface))
    .flatMap((one) =>
      [
        { name: 'podSubnet', subnet: cluster.podSubnet },
        { name: 'serviceSubnet', subnet: cluster.serviceSubnet },
      ]
        .filter(({ subnet }) => inSubnet(one.address, subnet))
        .map(({ name, subnet }) =>
          failure(
            `${one.interface} has ${one.address}, which lies in ${name} ${subnet}`,
            `Choose another ${name} in the inventory; it cannot be changed once the cluster stands.`,
          ),
        ),
    )

const resolverProblems = (nameservers: readonly string[] | null, { host, inventory }: KinScope): readonly Problem[] => {
  const own = host.kubeletConfiguration['resolvConf'] ?? inventory.cluster.kubeletConfiguration['resolvConf']
  if (nameservers === null)
    return isNode(host) && own === undefined
      ? [failure('there is no /etc/resolv.conf; the kubelet starts no pod without it', 'Make one, even an empty one.')]
      : []
  return nameservers.length > 0
    ? []
    : [warning('/etc/resolv.conf names no nameserver', 'Name one, or pods resolve nothing outside the cluster.')]
}
