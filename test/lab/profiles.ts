// Which hosts a lab has, and the address every name gets.

import { createHash } from 'node:crypto'
import { oddities, type OddityName } from './odd/oddity.js'

export type Role = 'haproxy' | 'master' | 'worker' | 'host'
export type System = 'deb' | 'rpm'

export interface Host {
  readonly name: string
  readonly role: Role
  readonly address: string
  readonly mac: string
  readonly system: System
  /** what is unlike other hosts; the profile `odd` alone has such */
  readonly odd?: OddityName
}

export interface Profile {
  readonly name: string
  readonly system: System
  /** Hosts without a role in their names. They have Python, too, for the tools that khactl is measured against. */
  readonly nameless: boolean
  readonly hosts: readonly string[]
  /** in the order of the hosts */
  readonly oddities?: readonly OddityName[]
}

const numbered = (role: Role, count: number): string[] => Array.from({ length: count }, (_, i) => `${role}-${i + 1}`)
const small = [...numbered('haproxy', 1), ...numbered('master', 1), ...numbered('worker', 1)]

const profileNames = ['small', 'ha', 'rpm', 'odd', 'many'] as const

export function profile(name: string, hosts: number): Profile {
  switch (name) {
    case 'small':
      return { name, system: 'deb', nameless: false, hosts: small }
    case 'ha':
      return {
        name,
        system: 'deb',
        nameless: false,
        hosts: [...numbered('haproxy', 2), ...numbered('master', 3), ...numbered('worker', 2)],
      }
    case 'rpm':
      return { name, system: 'rpm', nameless: false, hosts: small }
    case 'odd':
      return {
        name,
        system: 'deb',
        nameless: false,
        hosts: [
          ...numbered('haproxy', 2),
          ...numbered('master', 3),
          ...numbered('worker', 3),
          // the bastion, which no cluster knows
          ...numbered('host', 1),
        ],
        oddities,
      }
    case 'many':
      return { name, system: 'deb', nameless: true, hosts: numbered('host', hosts) }
    default:
      throw new Error(`there is no profile "${name}"; there are ${profileNames.join(', ')}`)
  }
}

/** First number of a role's addresses, and how many there can be. The VIP is .100, the controller .1. */
const ranges: Record<Role, readonly [number, number]> = {
  haproxy: [10, 9],
  master: [20, 19],
  worker: [40, 59],
  host: [100, 150],
}

function subnetOf(lab: string): string {
  const hash = createHash('sha256').update(lab).digest()
  // 10.200–10.239 stay clear of the pods' 10.244 and the services' 10.96
  return `10.${200 + (hash.readUInt8(0) % 40)}.${hash.readUInt8(1)}`
}

export const controllerOf = (lab: string): string => `${subnetOf(lab)}.1`
export const vipOf = (lab: string): string => `${subnetOf(lab)}.100`

export function hostOf(lab: string, name: string, system: System): Host {
  const [, role, digits] = /^(haproxy|master|worker|host)-([1-9][0-9]{0,2})$/.exec(name) ?? []
  const number = Number(digits)
  const range = role === undefined ? undefined : ranges[role as Role]
  if (role === undefined || range === undefined || number > range[1]) {
    const known = Object.entries(ranges).map(([key, [, most]]) => `${key}-1…${most}`)
    throw new Error(`"${name}" is no name for a host of the lab; there are ${known.join(', ')}`)
  }
  const subnet = subnetOf(lab)
  const last = range[0] + number
  const octets = [...subnet.split('.').map(Number), last]
  const mac = ['02', '4b', ...octets.map((it) => it.toString(16).padStart(2, '0'))].join(':')
  return { name, role: role as Role, address: `${subnet}.${last}`, mac, system }
}
