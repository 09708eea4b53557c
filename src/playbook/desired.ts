// What membership is to become: the inventory's hosts, as far as the command line speaks of them.
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory, Role } from '../model/inventory.js'
import type { Desired, Leaving, Place } from '../model/membership.js'
import type { Wishes } from '../model/playbook.js'

type States = ReadonlyMap<HostName, HostState>

/** A command that names hosts brings in and removes these alone; the others stay whatever they are. */
export const desiredOf = (
  { hosts, leaving }: Inventory,
  { observed, wishes: { named, quorum } }: { readonly observed: States; readonly wishes: Wishes },
): Desired => {
  // Before a quorum is given up every master counts, whoever is named.
  const isMeant = ({ name }: Pick<Host, 'name'>): boolean =>
    named === 'all' || named.includes(name) || quorum === 'rebuild'
  const isOutside = ({ name }: Host): boolean =>
    ['fresh', 'half-joined', 'half-initialised'].includes(observed.get(name)?.kind ?? 'unreachable')
  return {
    quorum,
    known: [...hosts, ...leaving].flatMap(placeOf),
    nodes: hosts.filter((host) => isMeant(host) || !isOutside(host)).flatMap(placeOf),
    leaving: leaving
      .filter((host) => isMeant(host))
      .flatMap((host) =>
        placeOf(host).map((place): Leaving => ({ ...place, manner: host.state === 'dead' ? 'dead' : 'live' })),
      ),
  }
}

const placeOf = ({
  name,
  roles,
  nodeIP,
}: {
  name: HostName
  roles: readonly Role[]
  nodeIP: string
}): readonly Place[] =>
  roles.includes('master')
    ? [{ host: name, role: 'master', nodeIP }]
    : roles.includes('worker')
      ? [{ host: name, role: 'worker', nodeIP }]
      : []
