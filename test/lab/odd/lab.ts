// What an odd lab has beside its hosts: keys, an agent, secrets; and what its inventory says because of them.
import type { Paths } from '../paths.js'
import type { Host } from '../profiles.js'
import type { RegistryLogin } from '../services.js'
import { oddityOf } from './hosts.js'
import { makeKeys, startAgent } from './keys.js'
import { loginOf } from './logins.js'
import { referenceTo, secretOf } from './secrets.js'

export interface OddLab {
  readonly registry: RegistryLogin
  /** Of the inventory's registry. */
  readonly credentials: object
  /** Of the inventory's endpoint. */
  readonly endpoint: object
}

export async function makeOddities(paths: Paths): Promise<OddLab> {
  await makeKeys(paths)
  await startAgent(paths)
  const user = 'puller'
  return {
    registry: { user, password: secretOf(paths, 'registry-password') },
    credentials: { credentials: { user, password: referenceTo(paths, 'registry-password') } },
    endpoint: { keepalived: { password: referenceTo(paths, 'keepalived-password') } },
  }
}

export interface Entry {
  readonly name: string
  readonly address: string
  readonly nodeIP?: string
  readonly ssh?: object
}

/** A host of the inventory, with how to log in to it where that is odd. */
export async function entryOf(paths: Paths, { name, address, odd }: Host): Promise<Entry> {
  if (odd === undefined) return { name, address }
  const [{ inner }, ssh] = [await oddityOf(paths, odd), await loginOf(paths, odd)]
  // the cluster finds the host where it always does; only SSH goes another way
  const own = inner === null ? { name, address } : { name, address: inner, nodeIP: address }
  return ssh === undefined ? own : { ...own, ssh }
}
