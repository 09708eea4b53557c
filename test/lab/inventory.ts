// Writes the inventory of a lab: all that khactl must know, from this one function.

import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { Paths } from './paths.js'
import { vipOf, type Host, type Profile, type Role } from './profiles.js'

type Entry = Pick<Host, 'name' | 'address'>

function byRole(hosts: readonly Host[], profile: Profile): Record<Exclude<Role, 'host'>, Entry[]> {
  // bare hosts have no role of their own: the first two carry the endpoint and the control plane
  const few = hosts.length < 3 ? 0 : 1
  const roleOf = (host: Host, index: number): Role => {
    if (!profile.bare) return host.role
    return index < few ? 'haproxy' : index === few ? 'master' : 'worker'
  }
  const pick = (role: Role): Entry[] =>
    hosts.filter((it, index) => roleOf(it, index) === role).map(({ name, address }) => ({ name, address }))
  return { haproxy: pick('haproxy'), master: pick('master'), worker: pick('worker') }
}

export function writeInventory(paths: Paths, hosts: readonly Host[], profile: Profile): void {
  const roles = byRole(hosts, profile)
  const inventory = {
    apiVersion: 'khactl/v1',
    cluster: {
      name: paths.lab,
      version: '1.20.2',
      endpoint: { kind: 'haproxy', vip: vipOf(paths.lab) },
      podSubnet: '10.244.0.0/16',
      serviceSubnet: '10.96.0.0/12',
    },
    ssh: { user: 'root', key: './id_ed25519', knownHosts: './known_hosts' },
    haproxy: roles.haproxy,
    masters: roles.master,
    workers: roles.worker,
  }
  writeFileSync(paths.inventory, stringify(inventory))
}
