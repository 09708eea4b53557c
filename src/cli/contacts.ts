// Whom a run speaks with.
import { KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { Wishes } from '../model/playbook.js'

/** A command that names hosts speaks with these, the masters and the hosts of the endpoint, and with nobody else (R-P2). */
export const contactsOf = ({ hosts, leaving }: Inventory, { named }: Wishes): readonly Host[] => {
  // With the roles that end, too: what the host is now is seen by them.
  const all = [
    ...hosts.map((host) => {
      const ending = leaving.filter(({ name }) => name === host.name).flatMap(({ roles }) => roles)
      return ending.length === 0 ? host : { ...host, roles: [...new Set([...host.roles, ...ending])] }
    }),
    ...leaving.filter(({ name }) => !hosts.some((host) => host.name === name)),
  ]
  if (named === 'all') return all
  const missing = named.find((name) => !all.some((host) => host.name === name))
  if (missing !== undefined)
    throw new KhactlError('cli.host', {
      message: `${missing} does not stand in the inventory`,
      exit: 'usage',
      hint: `Give its address too: --host name=${missing},address=…`,
    })
  return all.filter(({ name, roles }) => named.includes(name) || roles.includes('master') || roles.includes('haproxy'))
}

/** Hosts that the inventory declares gone for good. */
export const deadIn = ({ leaving }: Inventory): ReadonlySet<HostName> =>
  new Set(leaving.filter(({ state }) => state === 'dead').map(({ name }) => name))
