// The words of `on:` in a stage → hosts of the inventory, in its order.
import { isReached, type HostName, type HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { Selector, Wishes } from '../model/playbook.js'

interface Of {
  readonly inventory: Inventory
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly wishes: Wishes
  /** The founding master or the first healthy one that stays. */
  readonly leader: HostName | null
  /** Where what is said of the whole cluster stands: the leader, or who joins first. */
  readonly stand: HostName | null
  /** Who joins a master that is alone: etcd grows from one member to two. null: nobody does. */
  readonly second: HostName | null
}

export const select = (on: Selector, { inventory, observed, wishes, leader, stand, second }: Of): readonly Host[] => {
  const { hosts, leaving } = inventory
  const having = (...roles: readonly string[]): readonly Host[] =>
    hosts.filter((host) => host.roles.some((role) => roles.includes(role)))
  const isNamed = ({ name }: Host): boolean => wishes.named === 'all' || wishes.named.includes(name)
  const everyone = (): readonly Host[] => whole({ hosts, leaving }).filter((host) => isNamed(host))
  const others = having('master').filter(({ name }) => name !== leader)
  switch (on) {
    case 'all':
      return hosts
    case 'endpoint hosts':
    case 'haproxy':
      return having('haproxy')
    case 'leader':
      return hosts.filter(({ name }) => name === stand)
    case 'other masters':
      return others
    case 'second master':
      return others.filter(({ name }) => name === second)
    case 'further masters':
      return others.filter(({ name }) => name !== second)
    case 'master':
      return having('master')
    case 'worker':
      return having('worker').filter(({ roles }) => !roles.includes('master'))
    case 'master+worker':
      return having('master', 'worker')
    case 'named':
      return hosts.filter(isNamed)
    case 'named nodes':
      return having('master', 'worker').filter(isNamed)
    case 'named workers':
      return having('worker').filter((host) => isNamed(host) && !host.roles.includes('master'))
    case 'neighbours':
      return wishes.named === 'all' ? [] : having('haproxy', 'master').filter((host) => !isNamed(host))
    case 'every host':
      return everyone()
    case 'every master':
      return everyone().filter(({ roles }) => roles.includes('master'))
    case 'every worker':
      return everyone().filter(({ roles }) => roles.includes('worker') && !roles.includes('master'))
    case 'leaving':
      return inOrder(
        leaving.filter((host) => isNamed(host) && host.state === 'absent' && isReached(observed, host.name)),
      )
    case 'dead':
      return inOrder(leaving.filter((host) => isNamed(host) && host.state === 'dead'))
    case 'leaving or dead':
      return leaving.filter((host) => isNamed(host) && (host.state === 'dead' || isReached(observed, host.name)))
  }
}

/** Workers leave before masters, as nextMove has it. */
const inOrder = (hosts: readonly Host[]): readonly Host[] => [
  ...hosts.filter(({ roles }) => !roles.includes('master')),
  ...hosts.filter(({ roles }) => roles.includes('master')),
]

/** A host once, with all its roles: those that stay and those that end. */
const whole = ({ hosts, leaving }: Pick<Inventory, 'hosts' | 'leaving'>): readonly Host[] => [
  ...hosts.map((host) => {
    const ending = leaving.filter(({ name }) => name === host.name).flatMap(({ roles }) => roles)
    return ending.length === 0 ? host : { ...host, roles: [...new Set([...host.roles, ...ending])] }
  }),
  ...leaving.filter(({ name, state }) => state === 'absent' && !hosts.some((host) => host.name === name)),
]
