// The secrets of an odd lab: random, easy to search for, each in a file that only root reads.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Paths } from '../paths.js'
import { run } from '../run.js'

/** What each is made of: characters that shells, JSON, TOML and URLs have to quote. */
const shapes = {
  'ssh-password': (random: string) => `Ssh "pw" $HOME '${random}' \\ %41 ü`,
  'sudo-password': (random: string) => `sudo's &pw; ${random}`,
  'hardened-password': (random: string) => `hard!pw#${random}\``,
  passphrase: (random: string) => `pass phrase ${random}`,
  'registry-password': (random: string) => `reg/pw+"${random}"=`,
  // keepalived takes eight characters
  'keepalived-password': (random: string) => `vr${random.slice(0, 6)}`,
} as const

export type SecretName = keyof typeof shapes

export const secretNames = Object.keys(shapes) as readonly SecretName[]

const folder = (paths: Paths): string => join(paths.state, 'secrets')

/** Made at the first `up`, found again by every later one. */
export function secretOf(paths: Paths, name: SecretName): string {
  const file = join(folder(paths), name)
  if (!existsSync(file)) {
    mkdirSync(folder(paths), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${shapes[name](randomBytes(8).toString('hex'))}\n`, { mode: 0o600 })
  }
  return readFileSync(file, 'utf8').replace(/\n$/, '')
}

/** How an inventory names it. */
export const referenceTo = (paths: Paths, name: SecretName): { readonly file: string } => {
  secretOf(paths, name)
  return { file: `./secrets/${name}` }
}

/** For /etc/shadow. */
export const hashed = async (password: string): Promise<string> =>
  (await run('openssl', ['passwd', '-6', '-stdin'], { input: `${password}\n` })).stdout.trim()

/** For the registry, which knows bcrypt alone; perl has crypt(3), and takes both from its input. */
export const bcrypt = async (password: string): Promise<string> => {
  const script = 'chomp(my $password = <STDIN>); chomp(my $salt = <STDIN>); print crypt($password, $salt)'
  const salt = `$2y$05$${randomBytes(32)
    .toString('base64')
    .replaceAll(/[^a-zA-Z0-9]/g, '')
    .padEnd(21, 'a')
    .slice(0, 21)}u`
  return (await run('perl', ['-e', script], { input: `${password}\n${salt}\n` })).stdout.trim()
}
