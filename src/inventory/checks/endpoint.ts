// The virtual IP and its port beside the hosts that carry it.
import { contains, formatSubnet, parseIPv4, subnetAround } from '../../text/ipv4.js'
import { defaults } from '../build.js'
import type { Subject } from '../subject.js'
import type { Mention } from '../hosts.js'
import { mistake, warning, type Problem } from '../problem.js'
import { nodeIPOf } from './identity.js'

const apiServerPort = 6443
const vipPath = ['cluster', 'endpoint', 'vip']

export const endpointProblems = (subject: Subject): readonly Problem[] => [
  ...vipOfHost(subject),
  ...vipSubnet(subject),
  ...portClash(subject),
  ...monitorClash(subject),
]

const vipOfHost = ({ draft, mentions }: Subject): readonly Problem[] => {
  const vip = draft.cluster?.endpoint?.vip
  const owner = mentions.find((mention) => vip !== undefined && (mention.address === vip || nodeIPOf(mention) === vip))
  if (owner === undefined) return []
  return [
    mistake('vip-of-host', {
      path: vipPath,
      other: [...owner.path, owner.address === vip ? 'address' : 'nodeIP'],
      message: `The virtual IP ${vip} is the address of ${owner.name ?? 'a host'}`,
      hint: 'Take an address of the same subnet that nothing has; keepalived moves it between the haproxy hosts.',
    }),
  ]
}

/** A mask is only known when `vipPrefix` gives it; the hosts themselves are asked in preflight (R-O7). */
const vipSubnet = ({ draft, mentions }: Subject): readonly Problem[] => {
  const { vip, vipPrefix } = draft.cluster?.endpoint ?? {}
  const address = vip === undefined ? null : parseIPv4(vip)
  const haproxy = mentions.filter(({ list }) => list === 'haproxy').flatMap((host) => ipOf(host) ?? [])
  if (address === null || haproxy.length === 0) return []
  const outside = (prefix: number) => haproxy.find(({ ip }) => !contains(subnetAround(address, prefix), ip))
  const exact = vipPrefix === undefined || vipPrefix === 32 ? null : vipPrefix
  const far = outside(exact ?? 16)
  if (far !== undefined)
    return [
      farVip({ vip: vip ?? '', prefix: exact, subnet: formatSubnet(subnetAround(address, exact ?? 16)), host: far }),
    ]
  const guess = exact === null && vipPrefix !== 32 ? outside(24) : undefined
  return guess === undefined ? [] : [distantVip({ vip: vip ?? '', host: guess })]
}

interface Haproxy {
  readonly name: string
  readonly ip: number
  readonly text: string
}

const ipOf = (mention: Mention): readonly Haproxy[] | null => {
  const text = nodeIPOf(mention)
  const ip = text === null ? null : parseIPv4(text)
  return ip === null || text === null ? null : [{ name: mention.name ?? 'a host', ip, text }]
}

const farVip = ({ vip, prefix, subnet, host }: { vip: string; prefix: number | null; subnet: string; host: Haproxy }) =>
  mistake('vip-subnet', {
    path: vipPath,
    message: `The virtual IP ${vip} and ${host.name} (${host.text}) cannot share a subnet${prefix === null ? '' : ` ${subnet}`}: VRRP works inside one network`,
    hint:
      prefix === null
        ? 'Take a free address of the subnet of the haproxy hosts. If that subnet really is so large, say so: `vipPrefix: 12`.'
        : 'Take a free address of that subnet, or correct `vipPrefix`.',
  })

const distantVip = ({ vip, host }: { vip: string; host: Haproxy }) =>
  warning('vip-subnet', {
    path: vipPath,
    message: `The virtual IP ${vip} and ${host.name} (${host.text}) share no /24 network; the exact subnet is checked on the hosts`,
    hint: 'If it is right, say how long the prefix is: `vipPrefix: 16`, for example.',
  })

/** The API server of a master has 6443 already, so haproxy could not bind it there (R-L7). */
const portClash = ({ draft, mentions }: Subject): readonly Problem[] => {
  const endpoint = draft.cluster?.endpoint
  const masters = new Set(mentions.filter(({ list }) => list === 'masters').map(({ name }) => name))
  const both = mentions.find(({ list, name }) => list === 'haproxy' && name !== null && masters.has(name))
  if (endpoint === undefined || both === undefined || (endpoint.port ?? defaults.apiPort) !== apiServerPort) return []
  return [
    mistake('port-clash', {
      path: endpoint.port === undefined ? ['cluster', 'endpoint', 'kind'] : ['cluster', 'endpoint', 'port'],
      other: [...both.path, 'name'],
      message: `${both.name} is a haproxy host and a master: its API server has port ${apiServerPort} already, so haproxy cannot listen there`,
      hint: 'Add `port: 8443` to cluster.endpoint.',
    }),
  ]
}

const monitorClash = ({ draft }: Subject): readonly Problem[] => {
  const { port = defaults.apiPort, haproxy } = draft.cluster?.endpoint ?? {}
  const monitor = haproxy?.monitorPort ?? defaults.monitorPort
  if (port !== monitor) return []
  return [
    mistake('port-clash', {
      path: ['cluster', 'endpoint', ...(haproxy?.monitorPort === undefined ? ['port'] : ['haproxy', 'monitorPort'])],
      message: `haproxy cannot have port ${monitor} for the API and for its monitor`,
      hint: `Take another port for one of them, like \`monitorPort: ${monitor + 1}\`.`,
    }),
  ]
}
