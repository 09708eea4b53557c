// The host's interfaces, IPv4 addresses and default route, as `ip` tells them.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Network {
  readonly links: readonly Link[]
  readonly addresses: readonly Address[]
  /** Interface of the default route; null: there is none. */
  readonly defaultRoute: string | null
}

export interface Link {
  readonly name: string
  /** Lower-case; null: the link has none (tunnels). */
  readonly mac: string | null
  readonly mtu: number
}

export interface Address {
  readonly interface: string
  readonly address: string
  readonly prefix: number
}

const kind: Kind<null, Network> = {
  name: 'network',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  ask: () =>
    readOnly(
      raw(`ip addr show || return; printf '\\0'
[ ! -r /proc/net/route ] || while read -r i d _ _ _ _ _ m _; do [ "$d$m" != 0000000000000000 ] || echo "$i"; done </proc/net/route`),
    ),
  tell: ({ stdout, stderr, status }, args) => {
    if (status !== 0) {
      const why = stderr.toString('utf8').trim().split('\n')[0] ?? ''
      return args.map(() => unreadable(`network: ip failed: ${why}`))
    }
    const network = parseNetwork(stdout.toString('utf8'))
    return args.map(() => known(network))
  },
}

/** Addresses change when keepalived moves the VIP: ask `holdsAddress` for that. */
export const network = (): Fact<Network> => fact(kind, null)

export const parseNetwork = (text: string): Network => {
  const [interfaces = '', routes = ''] = text.split('\0')
  const blocks = interfaces.split(/^(?=\d+: )/m)
  return {
    links: blocks.flatMap(parseLink),
    addresses: blocks.flatMap((block) => parseAddresses(block)),
    // In the order of their metrics.
    defaultRoute: linesOf(routes)[0] ?? null,
  }
}

/** `2: eth0    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0\       valid_lft …`; a tunnel: `inet 10.0.0.1 peer 10.0.0.2/32`. */
export const parseAddress = (line: string): readonly Address[] => {
  const match = /^\d+: (\S+)\s+inet (\d+\.\d+\.\d+\.\d+)(?: peer [\d.]+)?\/(\d+)/.exec(line)
  if (!match) return []
  const [, name = '', address = '', prefix] = match
  return [{ interface: name, address, prefix: Number(prefix) }]
}

export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

/** `2: eth0@if5: <UP> mtu 1500 qdisc …` and indented below it `link/ether 02:4b:0a:de:bf:65 brd …`, `inet 10.0.0.11/24 …`. */
const nameIn = (block: string): string | undefined => /^\d+: ([^:@\s]+)/.exec(block)?.[1]

const parseAddresses = (block: string): readonly Address[] =>
  [...block.matchAll(/^ +inet (\d+\.\d+\.\d+\.\d+)(?: peer [\d.]+)?\/(\d+)/gm)].map(([, address = '', prefix]) => ({
    ...{ interface: nameIn(block) ?? '', address, prefix: Number(prefix) },
  }))

const parseLink = (block: string): readonly Link[] => {
  const name = nameIn(block)
  const mtu = /\bmtu (\d+)/.exec(block)?.[1]
  if (name === undefined || mtu === undefined) return []
  return [{ name, mac: /\blink\/ether ([0-9a-f:]{17})/.exec(block)?.[1] ?? null, mtu: Number(mtu) }]
}
