// How the inventory says to log in to each odd host.
import { join } from 'node:path'
import type { Paths } from '../paths.js'
import { hostOf } from '../profiles.js'
import { run } from '../run.js'
import type { OddityName } from './oddity.js'
import { referenceTo } from './secrets.js'

/** `ssh:` of a host, over that of the file; undefined: nothing of its own. */
export async function loginOf(paths: Paths, name: OddityName): Promise<object | undefined> {
  switch (name) {
    case 'behind-bastion':
      return { jump: [await hop(paths)] }
    case 'password-login':
      return { port: 2222, agent: 'ignore', keys: [], password: referenceTo(paths, 'ssh-password') }
    case 'sudo-password':
      return { user: 'ops', sudoPassword: referenceTo(paths, 'sudo-password') }
    case 'hardened':
      return { user: 'ops', agent: 'ignore', sudoPassword: referenceTo(paths, 'hardened-password') }
    case 'agent-key':
      return { key: './id_agent.pub', agent: 'named' }
    case 'csh':
      return { user: 'ops' }
    case 'hashed-known-hosts':
      return {
        key: './id_encrypted',
        agent: 'ignore',
        passphrase: referenceTo(paths, 'passphrase'),
        knownHosts: './known_hosts_hashed',
        hostKeys: 'strict',
      }
    case 'certificate':
      return { client: 'system', key: './id_certified', agent: 'ignore' }
    case 'bastion':
      return undefined
  }
}

/** The bastion: under a name, a user and a key of its own, with its host key pinned. */
async function hop(paths: Paths): Promise<object> {
  const name = 'host-1'
  const key = join(paths.disks, name, 'upper/etc/ssh/ssh_host_ed25519_key.pub')
  const fingerprint = await run('ssh-keygen', ['-lf', key])
  const hostKey = fingerprint.stdout.split(' ')[1] ?? ''
  const { address } = hostOf(paths.lab, name, 'deb')
  return { address, port: 2200, user: 'hop', key: './id_bastion', agent: 'ignore', hostKey }
}
