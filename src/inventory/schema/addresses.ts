// Checks of addresses, subnets and URLs.
import { formatSubnet, parseIPv4, parseSubnet } from '../../text/ipv4.js'
import { dnsNameFault } from './names.js'
import type { Fault } from './leaf.js'

const ipv6 = (value: string, instead: string): Fault => ({
  code: 'not-yet',
  message: `\`${value}\` is IPv6; khactl does not build IPv6 or dual-stack clusters yet`,
  hint: `Write an IPv4 ${instead}.`,
})

export const ipv4Fault = (value: string): Fault | null => {
  if (parseIPv4(value) !== null) return null
  if (value.includes(':')) return ipv6(value, 'address')
  const zeros = value
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''))
    .join('.')
  if (zeros !== value && parseIPv4(zeros) !== null) {
    return {
      code: 'ip-address',
      message: `\`${value}\` has a part with a leading zero, which some programs read as octal`,
      hint: `Write \`${zeros}\`.`,
    }
  }
  const hint = value.includes('/')
    ? `Write the address alone: \`${value.split('/')[0]}\`.`
    : 'Write four numbers from 0 to 255, like `10.0.0.100`.'
  return { code: 'ip-address', message: `\`${value}\` is not an IPv4 address`, hint }
}

const range = /\[[^\]]*\]/

/** An IPv4 address that may hold one range `[21:40]`, which is looked at when it is expanded. */
export const ipv4OrRangeFault = (value: string): Fault | null => (range.test(value) ? null : ipv4Fault(value))

/** What SSH connects to: an address or a name. Digits and dots alone are meant as an address. */
export const addressFault = (value: string): Fault | null => {
  if (range.test(value)) return null
  if (/^[\d.]+$/.test(value) || value.includes(':') || value.includes('/')) return ipv4Fault(value)
  return dnsNameFault(value.toLowerCase())
}

export const subnetFault = (value: string): Fault | null => {
  const subnet = parseSubnet(value)
  const hint = 'Write something like `10.244.0.0/16`.'
  if (subnet === null) {
    if (value.includes(':')) return ipv6(value, 'subnet')
    const reason = parseIPv4(value) === null ? '' : ': the prefix length is missing'
    return { code: 'subnet', message: `\`${value}\` is not an IPv4 subnet${reason}`, hint }
  }
  const exact = formatSubnet(subnet)
  if (exact === value) return null
  return {
    code: 'subnet',
    message: `\`${value}\` is an address inside a subnet; the subnet begins at ${exact.split('/')[0]}`,
    hint: `Write \`${exact}\`.`,
  }
}

export const nameOrIpFault = (value: string): Fault | null =>
  /^[\d.]+$/.test(value) || value.includes(':') ? ipv4Fault(value) : dnsNameFault(value.replace(/^\*\./, ''))

export const urlFault = (value: string): Fault | null =>
  /^\w+:\/\/[^/]*@/.test(value)
    ? {
        code: 'url-login',
        message: 'The URL holds a login, and files with URLs are readable on the hosts',
        hint: 'Write the URL without `user:password@`; khactl cannot pass a login to a proxy or a repository yet.',
      }
    : isUrl(value)
      ? null
      : {
          code: 'url',
          message: `\`${value}\` is not a URL`,
          hint: 'Write something like `https://mirror.example/path`, with http:// or https://.',
        }

export const isUrl = (value: string): boolean => /^https?:\/\//.test(value) && URL.canParse(value)

/** `docker.io`, `10.0.0.1:5000`: how a registry is named in front of an image. */
export const registryHostFault = (value: string): Fault | null =>
  /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?$/.test(value)
    ? null
    : {
        code: 'registry',
        message: `\`${value}\` does not name a registry as it stands in image names: host[:port], without http:// and without a path`,
        hint: `Write \`${value.replace(/^[a-z]+:\/\//, '').split('/')[0] || '10.0.0.1:5000'}\`.`,
      }

/** `registry.k8s.io`, `10.0.0.1:5000/google_containers`. */
export const repositoryFault = (value: string): Fault | null =>
  /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(value)
    ? null
    : {
        code: 'image-repository',
        message: `\`${value}\` is not an image repository: host[:port]/path, without http:// and without a slash at the end`,
        hint: `Write \`${value.replace(/^[a-z]+:\/\//, '').replace(/\/+$/, '')}\`. Plain HTTP is said under \`registries:\`.`,
      }
