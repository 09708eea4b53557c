// What stands in the way of a removal before any move is thought of: hosts of every role, by what was reached.
import { isReached, type HostName, type HostState } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { Wishes } from '../model/playbook.js'

interface Fault {
  readonly reason: string
  readonly hint: string
}

/** null: nothing does. */
export const leavingFault = (
  { hosts, leaving }: Pick<Inventory, 'hosts' | 'leaving'>,
  {
    observed,
    wishes: { named },
  }: { readonly observed: ReadonlyMap<HostName, HostState>; readonly wishes: Pick<Wishes, 'named'> },
): Fault | null => {
  const isNamed = (host: HostName): boolean => named === 'all' || named.includes(host)
  const meant = leaving.filter(({ name }) => isNamed(name))
  const alive = meant.find(({ name, state }) => state === 'dead' && isReached(observed, name))
  if (alive !== undefined)
    return {
      reason: `${alive.name} is declared dead, but it answers: it is ${observed.get(alive.name)?.kind ?? 'unknown'}`,
      hint: 'Remove it without --dead, so that it is emptied too; where the inventory says `state: dead`, write `state: absent`.',
    }
  const goes = meant.find(({ roles, state }) => roles.includes('haproxy') && state === 'absent')
  const stays = hosts.filter(({ roles }) => roles.includes('haproxy'))
  // Somebody has to hold the virtual IP from the moment it is given away.
  if (goes === undefined || named === 'all' || stays.some(({ name }) => !named.includes(name))) return null
  return {
    reason: `${goes.name} is the only haproxy host so far: nobody could take the virtual IP from it`,
    hint: 'Bring the new one in first (khactl add-haproxy), then remove the old one.',
  }
}
