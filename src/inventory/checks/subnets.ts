// Pod subnet, service subnet and the hosts' own addresses must not overlap, and must be large enough.
import { contains, overlaps, parseIPv4, parseSubnet, type Subnet } from '../../text/ipv4.js'
import { defaults } from '../build.js'
import type { Subject } from '../subject.js'
import { mistake, type Problem } from '../problem.js'
import { nodeIPOf } from './identity.js'

const names = { podSubnet: 'pod subnet', serviceSubnet: 'service subnet' } as const
type Key = keyof typeof names

interface Named {
  readonly key: Key
  readonly text: string
  readonly subnet: Subnet
}

export const subnetProblems = (subject: Subject): readonly Problem[] => {
  const pods = named(subject, 'podSubnet')
  const services = named(subject, 'serviceSubnet')
  return [
    ...(overlaps(pods.subnet, services.subnet) ? [overlap(pods, services)] : []),
    ...[pods, services].flatMap((range) => hostsInside(subject, range)),
    ...tooSmallForPods(subject, pods),
    ...(services.subnet.prefix < 12 || services.subnet.prefix > 28 ? [serviceSize(services)] : []),
  ]
}

const named = ({ draft }: Subject, key: Key): Named => {
  const text = draft.cluster?.[key] ?? defaults[key]
  return { key, text, subnet: parseSubnet(text) ?? { first: 0, last: -1, prefix: 24 } }
}

const overlap = (pods: Named, services: Named) =>
  mistake('overlap', {
    path: ['cluster', 'serviceSubnet'],
    message: `The service subnet ${services.text} and the pod subnet ${pods.text} overlap: an address would be both`,
    hint: `Take two that do not, like the defaults ${defaults.podSubnet} for pods and ${defaults.serviceSubnet} for Services.`,
  })

/** One message a subnet: with the first host, and how many more. */
const hostsInside = ({ draft, mentions }: Subject, { key, text, subnet }: Named): readonly Problem[] => {
  const inside = mentions.filter((mention) => {
    const ip = parseIPv4(nodeIPOf(mention) ?? '')
    return ip !== null && contains(subnet, ip)
  })
  const vip = draft.cluster?.endpoint?.vip
  const vipInside = vip !== undefined && contains(subnet, parseIPv4(vip) ?? -1)
  const hint = `Take another \`${key}\` that is used nowhere in your network, like ${key === 'podSubnet' ? '172.28.0.0/16' : '172.29.0.0/16'}.`
  const given = draft.cluster?.[key] !== undefined
  const kind = given ? names[key] : `${names[key]}, by default`
  const [first, ...others] = inside
  const host =
    first === undefined
      ? []
      : [
          mistake('overlap', {
            path: given ? ['cluster', key] : [...first.path, first.nodeIP === null ? 'address' : 'nodeIP'],
            ...(given && { other: [...first.path, first.nodeIP === null ? 'address' : 'nodeIP'] }),
            message: `${first.name ?? 'A host'} (${nodeIPOf(first)})${others.length > 0 ? ` and ${others.length} more lie` : ' lies'} inside ${text}, the ${kind}`,
            hint,
          }),
        ]
  return [
    ...host,
    ...(vipInside
      ? [
          mistake('overlap', {
            path: ['cluster', 'endpoint', 'vip'],
            message: `The virtual IP ${vip} lies inside ${text}, the ${kind}`,
            hint,
          }),
        ]
      : []),
  ]
}

/** kube-controller-manager gives each node a /24 unless it is told otherwise. */
const tooSmallForPods = ({ draft, mentions }: Subject, { text, subnet }: Named): readonly Problem[] => {
  const own = draft.cluster?.kubeadmConfiguration?.['controllerManager'] !== undefined
  const nodes = new Set(mentions.filter(({ list }) => list !== 'haproxy').map(({ name }) => name)).size
  const room = subnet.prefix > 24 ? 0 : 2 ** (24 - subnet.prefix)
  if (own || nodes <= room) return []
  return [
    mistake('subnet-size', {
      path: ['cluster', 'podSubnet'],
      message: `The pod subnet ${text} has room for ${room} nodes with a /24 each, and there are ${nodes}`,
      hint: 'Take a larger one, like 10.244.0.0/16 for 256 nodes; or set node-cidr-mask-size in `kubeadmConfiguration.controllerManager.extraArgs`.',
    }),
  ]
}

/** kube-apiserver takes 20 bits of Service addresses at most. */
const serviceSize = ({ text }: Named) =>
  mistake('subnet-size', {
    path: ['cluster', 'serviceSubnet'],
    message: `The service subnet ${text} has to be between /12 and /28`,
    hint: `Write something like \`${defaults.serviceSubnet}\`.`,
  })
