// Which hosts of the inventory a template speaks of, and the endpoint's name.
import type { Host, Inventory, Kin, Role } from '../model/inventory.js'

export const hostsWith = (inventory: Inventory, role: Role): readonly Host[] =>
  inventory.hosts.filter((host) => host.roles.includes(role))

/** Runs a kubelet. */
export const isNode = (host: Pick<Kin, 'roles'>): boolean =>
  host.roles.includes('master') || host.roles.includes('worker')

/** The API server's port on every master; kubeadm's default, and not a setting. */
export const apiPort = 6443

/** What clients, kubelets and kubeadm call the API by: `name-or-vip:port` (R-K6: set from day one, never changed). */
export const controlPlaneEndpoint = ({ cluster: { endpoint } }: Inventory): string =>
  `${endpoint.dnsName ?? endpoint.vip}:${endpoint.port}`
