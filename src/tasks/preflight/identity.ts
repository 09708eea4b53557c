// Is every host itself: a clone that shares an identity takes over the other's Node object, its leases and its addresses.
import { network } from '../../facts/endpoint/network.js'
import { machine } from '../../facts/preflight/machine.js'
import type { Fact, Seen } from '../../model/fact.js'
import { isReached, type HostName } from '../../model/host.js'
import type { Host } from '../../model/inventory.js'
import { all, attempt, each, map, see, type Look } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import type { Problem, Step } from '../../model/step.js'
import { kinOf } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'

export const identityChecks = (scope: Scope): readonly Step[] => [
  preflight(kinOf(scope), {
    id: 'khactl:hostname',
    title: 'Have a host name of its own',
    look: see(machine()),
    problems: ({ hostname }) => hostnameProblems(hostname, scope.host.name),
  }),
  ...(isTeller(scope) ? comparisons(scope) : []),
]

/** Who takes part in the command; what only others share is not its matter. */
const isNamed = ({ wishes: { named } }: Scope, host: HostName): boolean => named === 'all' || named.includes(host)

/** One host tells for all: were each to read every other's answers, a thousand hosts would read a million. */
const isTeller = (scope: Scope): boolean => {
  const { inventory, observed, host } = scope
  const first = inventory.hosts.find(({ name }) => isReached(observed, name) && isNamed(scope, name))
  return first?.name === host.name
}

const comparisons = (scope: Scope): readonly Step[] => [
  preflight(kinOf(scope), {
    id: 'khactl:cloned',
    title: 'Share no identity with another host',
    look: ofAll(scope, (host) => identityOf(host)),
    problems: (hosts) => cloneProblems(hosts, (host) => isNamed(scope, host)),
  }),
  preflight(kinOf(scope), {
    id: 'khactl:mtu',
    title: 'Have the same MTU as the other hosts',
    look: ofAll(scope, (host) => mtuOf(host)),
    problems: mtuProblems,
  }),
]

/** Every host's, of those that could be asked. */
const ofAll = <T>({ inventory, observed }: Scope, of: (host: Host) => Look<T>): Look<readonly T[]> =>
  map(
    each(
      inventory.hosts.filter(({ name }) => isReached(observed, name)).map((host): Look<Seen<T>> => attempt(of(host))),
    ),
    (seen) => seen.flatMap((one) => (one.status === 'known' ? [one.state] : [])),
  )

const at = <V>(host: HostName, one: Fact<V>): Fact<V> => ({ ...one, at: { host } })

export interface Identity {
  readonly host: HostName
  readonly hostname: string
  readonly machineId: string | null
  /** null: not readable, or the machine's around a container. */
  readonly productUuid: string | null
  readonly mac: string | null
}

const identityOf = ({ name, nodeIP }: Host): Look<Identity> =>
  map(all({ machine: see(at(name, machine())), network: see(at(name, network())) }), (have) => {
    const card = have.network.addresses.find(({ address }) => address === nodeIP)?.interface
    return {
      host: name,
      hostname: have.machine.hostname,
      machineId: have.machine.machineId,
      productUuid: have.machine.container === null ? have.machine.productUuid : null,
      mac: have.network.links.find((link) => link.name === card)?.mac ?? null,
    }
  })

interface Mtu {
  readonly host: HostName
  readonly mtu: number | null
}

const mtuOf = ({ name, nodeIP }: Host): Look<Mtu> =>
  map(see(at(name, network())), ({ addresses, links }) => {
    const card = addresses.find(({ address }) => address === nodeIP)?.interface
    return { host: name, mtu: links.find((link) => link.name === card)?.mtu ?? null }
  })

/** Kubernetes takes node names from the inventory, so a host may be called otherwise; but not like every unnamed one. */
export const hostnameProblems = (hostname: string, name: HostName): readonly Problem[] => {
  const short = hostname.toLowerCase().split('.')[0]
  if (hostname === '' || short === 'localhost')
    return [failure(`the host is called "${hostname}"`, `Name it: hostnamectl set-hostname ${name}.`)]
  if (short === name.split('.')[0]) return []
  return [
    warning(
      `the host calls itself ${hostname}; its node will be called ${name}`,
      'khactl never renames a host. Use the same name in the inventory if that confuses you.',
    ),
  ]
}

const identities = [
  {
    what: 'machine-id',
    of: (one: Identity) => one.machineId,
    hint: 'A clone: on all but one of them, rm /etc/machine-id; systemd-machine-id-setup; then restart the host.',
  },
  {
    what: 'product UUID',
    of: (one: Identity) => one.productUuid,
    hint: 'A clone: give the virtual machines UUIDs of their own where they are defined.',
  },
  {
    what: 'MAC address',
    of: (one: Identity) => one.mac,
    hint: 'A clone: give each its own hardware address where the virtual machines are defined.',
  },
  {
    what: 'host name',
    of: (one: Identity) => one.hostname.toLowerCase(),
    hint: 'Name each host of its own: hostnamectl set-hostname NAME.',
  },
] as const

/** Each group is told once, if somebody in it is meant. */
export const cloneProblems = (
  hosts: readonly Identity[],
  isMeant: (host: HostName) => boolean = () => true,
): readonly Problem[] =>
  identities.flatMap(({ what, of, hint }) =>
    [...groups(hosts, of)]
      .filter(([value, members]) => value !== null && members.length > 1 && members.some(({ host }) => isMeant(host)))
      .map(([value, members]) =>
        failure(`${members.map(({ host }) => host).join(', ')} share the ${what} ${value}`, hint),
      ),
  )

export const mtuProblems = (hosts: readonly Mtu[]): readonly Problem[] => {
  const sizes = groups(
    hosts.filter(({ mtu }) => mtu !== null),
    ({ mtu }) => mtu,
  )
  if (sizes.size < 2) return []
  const told = [...sizes].map(([value, members]) => `${value} on ${members.map(({ host }) => host).join(', ')}`)
  return [
    warning(
      `the MTU of the node network differs: ${told.join('; ')}`,
      'Large packets between pods get lost: make it equal.',
    ),
  ]
}

/** In the order of their first members. */
const groups = <T, V>(all: readonly T[], of: (one: T) => V): ReadonlyMap<V, readonly T[]> => {
  const found = new Map<V, T[]>()
  for (const one of all) {
    const value = of(one)
    const members = found.get(value)
    if (members === undefined) found.set(value, [one])
    else members.push(one)
  }
  return found
}
