// Where the lab keeps things: a cache that survives, the state of what runs, and the disks of the hosts.

import { join } from 'node:path'

const env = (name: string, otherwise: string): string => process.env[name] ?? otherwise

export const cacheRoot = env('KHACTL_LAB_CACHE', '/var/cache/khactl-lab')
export const stateRoot = env('KHACTL_LAB_STATE', '/run/khactl-lab')
export const diskRoot = env('KHACTL_LAB_DISKS', '/var/lib/khactl-lab')

export interface Paths {
  /** name of the lab instance: several may run side by side */
  readonly lab: string
  readonly state: string
  readonly disks: string
  readonly inventory: string
  readonly key: string
  readonly knownHosts: string
  readonly log: string
}

export function labName(): string {
  const name = env('KHACTL_LAB', 'lab')
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(name)) {
    throw new Error(`KHACTL_LAB is "${name}"; it must be 1–16 of a–z, 0–9 and -, and begin with a letter`)
  }
  return name
}

export function pathsOf(lab: string): Paths {
  const state = join(stateRoot, lab)
  return {
    lab,
    state,
    disks: join(diskRoot, lab),
    inventory: join(state, 'inventory.yaml'),
    key: join(state, 'id_ed25519'),
    knownHosts: join(state, 'known_hosts'),
    log: join(state, 'log'),
  }
}
