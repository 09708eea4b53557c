// What a host's operating system needs: kernel modules, sysctls and names, each in a file of khactl's own.
import type { Host, Inventory, Kin } from '../model/inventory.js'
import { conf } from '../text/conf.js'
import { isNode } from './hosts.js'
import type { Place } from './rendered.js'

export const modulesFile: Place = { path: '/etc/modules-load.d/khactl.conf', mode: 0o644 }
/** Late in the order; a file that sorts after it can still win, which is read back with `sysctl -n` (R-O4). */
export const sysctlFile: Place = { path: '/etc/sysctl.d/99-khactl.conf', mode: 0o644 }
export const hostsFile: Place = { path: '/etc/hosts', mode: 0o644 }

const ipvsModules = ['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh', 'nf_conntrack']

/** Kubernetes' own only where a kubelet runs; the operator's on every host. */
export const kernelModules = ({ cluster }: Inventory, host: Kin): readonly string[] => {
  const isIpvs = cluster.kubeProxyConfiguration['mode'] === 'ipvs'
  const own = isNode(host) ? ['overlay', 'br_netfilter', ...(isIpvs ? ipvsModules : [])] : []
  return [...new Set([...own, ...cluster.os.modules])]
}

export const sysctls = ({ cluster }: Inventory, host: Kin): Readonly<Record<string, string>> => ({
  ...(isNode(host) ? nodeSysctls : {}),
  ...cluster.os.sysctls,
})

/** kubeadm's preflight asks for these; without them pods on one host lose Services, and pods on two lose each other. */
const nodeSysctls = {
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.ipv4.ip_forward': '1',
}

/** null: the host needs no file. */
export const modulesText = (inventory: Inventory, host: Kin): string | null => {
  const names = kernelModules(inventory, host)
  return names.length === 0
    ? null
    : conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    ${names}
  `
}

/** null: the host needs no file. */
export const sysctlText = (inventory: Inventory, host: Kin): string | null => {
  const entries = Object.entries(sysctls(inventory, host))
  return entries.length === 0
    ? null
    : conf`
    # Written by khactl: changes made here are replaced by the next khactl up.
    ${entries.map(([name, value]) => `${name} = ${value}`)}
  `
}

const begin = '# BEGIN khactl: this block is replaced by the next khactl up'
const end = '# END khactl'

/**
 * With its marks: the host itself, the endpoint's DNS name at the VIP and, on masters and haproxy hosts, each of these by
 * name. No host needs a worker's name but the worker, so adding one changes no other host (R-P2).
 */
export const hostsBlock = (inventory: Inventory, host: Host): string => {
  const { endpoint } = inventory.cluster
  return conf`
    ${begin}
    ${namedOn(inventory, host).map(({ nodeIP, name }) => `${nodeIP} ${name}`)}
    ${endpoint.dnsName === null ? [] : [`${endpoint.vip} ${endpoint.dnsName}`]}
    ${end}
  `
}

const namedOn = (inventory: Inventory, host: Host): readonly Host[] => {
  const core = inventory.hosts.filter(({ roles }) => roles.includes('haproxy') || roles.includes('master'))
  return core.some(({ name }) => name === host.name) ? core : [host]
}

/** /etc/hosts with khactl's block in it, at its place or at the end; the rest is left as it is, byte for byte. */
export const withHostsBlock = (
  current: string,
  { inventory, host }: { readonly inventory: Inventory; readonly host: Host },
): string => {
  const from = current.indexOf(`${begin}\n`)
  const to = from === -1 ? -1 : current.indexOf(`${end}\n`, from)
  if (to !== -1) return current.slice(0, from) + hostsBlock(inventory, host) + current.slice(to + end.length + 1)
  return `${current === '' || current.endsWith('\n') ? current : `${current}\n`}${hostsBlock(inventory, host)}`
}

/** crictl otherwise tries dockershim first, and kubeadm calls crictl up to 1.30. */
export const crictlFile: Place = { path: '/etc/crictl.yaml', mode: 0o644 }
export const crictlText = (socket: string): string => conf`
  runtime-endpoint: unix://${socket}
  image-endpoint: unix://${socket}
  timeout: 10
`
