// What the operator's ~/.ssh/config says of a host, as `ssh -G` reads it. Nothing is connected to.
import { execFile } from 'node:child_process'
import type { ShortHop } from './hop.js'
import type { Surroundings } from './surroundings.js'

/** `ssh -G` does not tell what stands in the file from its own defaults, so every part has a value. */
export interface SshConfig {
  readonly address: string
  readonly user: string
  readonly port: number
  /** As written; many need not exist. */
  readonly identityFiles: readonly string[]
  readonly identitiesOnly: 'yes' | 'no'
  /** As `-J` takes it; null: none. */
  readonly proxyJump: string | null
  readonly proxyCommand: string | null
  readonly hostKeyAlias: string | null
  /** null: none is kept. */
  readonly knownHosts: string | null
  readonly hostKeys: 'accept-new' | 'strict'
}

/** Milliseconds; a `Match exec` may run a program. */
const patience = 20_000

/** What is known of a host before its config is asked; the same question is asked once. */
export const question = ({ address, user, port }: ShortHop): string => JSON.stringify([address, user, port])

export const readSshConfig = (
  { env, home, sshConfig }: Pick<Surroundings, 'env' | 'home' | 'sshConfig'>,
  { address, user, port }: ShortHop,
): Promise<SshConfig | { readonly why: string }> => {
  const argv = [
    '-GT',
    ...(sshConfig === undefined ? [] : ['-F', sshConfig]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    address,
  ]
  return new Promise((settle) => {
    execFile('ssh', argv, { env: { ...env }, timeout: patience, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) return settle(parseSshConfig(stdout, { address, home }))
      settle({
        why:
          error.code === 'ENOENT' ? 'there is no ssh program on this machine' : (firstLine(stderr) ?? 'ssh -G failed'),
      })
    })
  })
}

export const parseSshConfig = (
  text: string,
  { address, home }: { readonly address: string; readonly home: string },
): SshConfig => {
  const lines = text.split('\n').map((line) => /^(\S+)\s+(.*)$/.exec(line) ?? [])
  const all = (key: string) => lines.flatMap(([, name, value]) => (name === key && value !== undefined ? [value] : []))
  const one = (key: string) => all(key).at(0)
  const given = (key: string) => {
    const value = one(key)
    return value === undefined || value.toLowerCase() === 'none' ? null : value
  }
  const [host, user] = [one('hostname') ?? address, one('user') ?? 'root']
  const expand = (path: string) =>
    path.replaceAll(/%([%dhru])/g, (_, token: string) => ({ d: home, h: host, r: user, u: user })[token] ?? token)
  const strict = one('stricthostkeychecking') ?? ''
  return {
    address: host,
    user,
    port: Number(one('port') ?? 22),
    identityFiles: all('identityfile')
      .filter((file) => file !== 'none')
      .map(expand),
    identitiesOnly: one('identitiesonly') === 'yes' ? 'yes' : 'no',
    proxyJump: given('proxyjump'),
    proxyCommand: given('proxycommand'),
    hostKeyAlias: given('hostkeyalias'),
    knownHosts: given('userknownhostsfile')?.split(' ').map(expand)[0] ?? null,
    hostKeys: strict === 'yes' || strict === 'true' ? 'strict' : 'accept-new',
  }
}

const firstLine = (text: string): string | undefined =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '')
