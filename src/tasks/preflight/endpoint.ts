// Are the virtual IP and the router id free, or already ours. Probes disturb nobody but take seconds: only before keepalived starts.
import { network } from '../../facts/endpoint/network.js'
import { surroundings, type ArpAnswer, type VrrpSpeaker } from '../../facts/preflight/surroundings.js'
import { unitState } from '../../facts/unit.js'
import type { Fact, Seen } from '../../model/fact.js'
import { isReached, type HostName } from '../../model/host.js'
import { all, always, attempt, chain, each, map, see, type Look } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import type { Problem, Step } from '../../model/step.js'
import { hostsWith } from '../../templates/hosts.js'
import { kinOf } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'
import type { Probes } from './probes.js'

export const endpointChecks = (scope: Scope, probes: Probes): readonly Step[] => {
  const { host, inventory } = scope
  if (!host.roles.includes('haproxy')) return []
  const { vip, routerId } = inventory.cluster.endpoint
  const keepalived = see(unitState('keepalived'))
  const around = see(surroundings({ vip, address: host.nodeIP }))
  const whenDue = <T>(look: Look<T>, otherwise: T): Look<T> =>
    chain(keepalived, ({ active }) => (probes === 'all' || active !== 'active' ? look : always(otherwise)))
  const nodeIPs = hostsWith(inventory, 'haproxy').map(({ nodeIP }) => nodeIP)
  return [
    preflight(kinOf(scope), {
      id: 'khactl:vip',
      title: 'Have the virtual IP free, or held by a haproxy host',
      blind: 'not-checked',
      look: whenDue<VipAnswer>(
        all({
          answer: told(map(around, ({ answer }) => answer)),
          own: ownCards(scope),
          keepalived: map(keepalived, ({ load, active }) => (load === 'loaded' ? active : 'absent')),
        }),
        { answer: { kind: 'nobody' }, own: [], keepalived: 'active' },
      ),
      problems: (found) => vipProblems(vip, found),
    }),
    preflight(kinOf(scope), {
      id: 'khactl:router-id',
      title: 'Have the VRRP router id to itself',
      blind: 'not-checked',
      look: whenDue<readonly VrrpSpeaker[]>(told(map(around, ({ speakers }) => speakers)), []),
      problems: (speakers) => routerIdProblems(speakers, { routerId, nodeIPs }),
    }),
  ]
}

/** A part of an answer that could not be told makes the look unreadable. */
const told = <T>(look: Look<Seen<T>>): Look<T> => chain(look, (seen) => ({ read: () => seen }))

interface VipAnswer {
  readonly answer: ArpAnswer
  /** Hardware addresses of the haproxy hosts. */
  readonly own: readonly string[]
  /** ActiveState of this host's keepalived; `absent`: it is not installed. */
  readonly keepalived: string
}

const at = <V>(host: HostName, one: Fact<V>): Fact<V> => ({ ...one, at: { host } })

/** Hardware addresses of the haproxy hosts: an answer of theirs is ours, or one that the kernel still remembers. */
const ownCards = ({ inventory, observed }: Scope): Look<readonly string[]> =>
  map(
    each(
      hostsWith(inventory, 'haproxy')
        .filter(({ name }) => isReached(observed, name))
        .map(({ name }) => attempt(see(at(name, network())))),
    ),
    (found) =>
      found.flatMap((seen) => (seen.status === 'known' ? seen.state.links.flatMap(({ mac }) => mac ?? []) : [])),
  )

export const vipProblems = (vip: string, { answer, own, keepalived }: VipAnswer): readonly Problem[] => {
  if (answer.kind === 'nobody') return []
  if (answer.kind === 'elsewhere')
    return [
      failure(
        `the virtual IP ${vip} is not on a network of this host: its way there leads through a router`,
        'Choose a free address in the subnet of the node IP.',
      ),
    ]
  if (answer.kind === 'this host') return strandedProblems(vip, keepalived)
  if (own.includes(answer.mac)) return []
  return [
    failure(
      `the virtual IP ${vip} is in use: ${answer.mac} answers for it, which is no haproxy host of this inventory`,
      'Choose a free address, or find that machine (ip neigh) and take the address from it.',
    ),
  ]
}

/** A keepalived that was killed leaves the address behind, and takes it in hand when it starts again. */
const strandedProblems = (vip: string, keepalived: string): readonly Problem[] => {
  if (keepalived === 'active') return []
  if (keepalived !== 'absent')
    return [
      warning(
        `the virtual IP ${vip} is on this host, but keepalived does not run: another host may hold it too`,
        'up starts keepalived, which puts that right.',
      ),
    ]
  return [
    failure(
      `the virtual IP ${vip} is an address of this host already, and no keepalived put it there`,
      "Remove it with ip addr del, and from the host's network configuration; or choose another virtual IP.",
    ),
  ]
}

export const routerIdProblems = (
  speakers: readonly VrrpSpeaker[],
  { routerId, nodeIPs }: { readonly routerId: number; readonly nodeIPs: readonly string[] },
): readonly Problem[] => {
  const strangers = speakers.filter(({ source }) => !nodeIPs.includes(source))
  const taken = [...new Set(strangers.map((one) => one.routerId))].toSorted((a, b) => a - b)
  return strangers
    .filter((one) => one.routerId === routerId)
    .map(({ source }) =>
      failure(
        `VRRP router id ${routerId} is in use on this network by ${source}`,
        `Set endpoint.routerId in the inventory to one that is free (heard here: ${taken.join(', ')}).`,
      ),
    )
}
