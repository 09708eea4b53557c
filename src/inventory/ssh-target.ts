// How khactl logs in to one host: its own `ssh:`, then the file's, then defaults as the ssh program has them.
import { existsSync } from 'node:fs'
import type { SshTarget } from '../model/inventory.js'
import type { SshEntry } from './schema/ssh.js'
import { pathIn, type Surroundings } from './surroundings.js'

export interface SshLayers {
  readonly address: string
  /** Nearest first. */
  readonly layers: readonly (SshEntry | undefined)[]
}

const usualKeys = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']

export const sshTarget = (surroundings: Surroundings, { address, layers }: SshLayers): SshTarget => {
  const given = layers.filter((layer) => layer !== undefined)
  const first = <K extends keyof SshEntry>(key: K) =>
    given.map((layer) => layer[key]).find((value) => value !== undefined)
  const keys = given.map(keyFiles).find((files) => files !== null)
  return {
    address,
    port: first('port') ?? 22,
    user: first('user') ?? 'root',
    keys:
      keys?.map((key) => pathIn(surroundings, key)) ??
      usualKeys.map((key) => pathIn(surroundings, key)).filter((key) => existsSync(key)),
    agent: first('agent') ?? 'use',
    knownHosts: pathIn(surroundings, first('knownHosts') ?? '~/.ssh/known_hosts'),
    hostKeys: first('hostKeys') ?? 'accept-new',
    pinned: first('hostKey') ?? null,
    passphrase: null,
    password: null,
    jump: [],
    client: 'ssh2',
    sudoPassword: null,
  }
}

/** null: this layer says nothing of keys. */
const keyFiles = ({ key, keys }: SshEntry): readonly string[] | null => keys ?? (key === undefined ? null : [key])
