// How khactl logs in to one host: its own `ssh:`, then the file's, then ~/.ssh/config where asked for, then defaults as ssh has them.
import { existsSync } from 'node:fs'
import type { Secret } from '../model/command.js'
import type { SshLogin, SshTarget } from '../model/inventory.js'
import type { YamlPath } from '../text/yaml.js'
import type { ShortHop } from './hop.js'
import type { HopPart } from './logins.js'
import type { SshEntry } from './schema/ssh.js'
import type { SshConfig } from './ssh-config.js'
import { wayTo } from './ssh-way.js'
import { pathIn, type Surroundings } from './surroundings.js'

export interface SshSources {
  readonly surroundings: Surroundings
  /** By the path of the reference, joined with dots. */
  readonly secrets: ReadonlyMap<string, Secret>
  /** What ~/.ssh/config says; null: not known yet. */
  readonly configOf: (host: ShortHop) => SshConfig | null
}

export interface Layer {
  readonly path: YamlPath
  readonly entry: SshEntry
}

export interface SshLayers {
  readonly address: string
  /** Nearest first. */
  readonly layers: readonly Layer[]
}

const usualKeys = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']

export const sshTarget = (sources: SshSources, { address, layers }: SshLayers): SshTarget => {
  const first = <K extends keyof SshEntry>(key: K) =>
    layers.map(({ entry }) => entry[key]).find((value) => value !== undefined)
  const uses = first('config') === 'use' ? sources.configOf : null
  const asked = { address, ...defined({ user: first('user'), port: first('port') }) }
  const config = uses?.(asked) ?? null
  const hops = wayTo({ layers, config, configOf: uses })
  const named = hops.flatMap(({ hop }) => keyFiles(hop as SshEntry) ?? [])
  const usual = usualKeys.filter((key) => !named.includes(key))
  const login = loginOf(sources, { address, layers, config, usual })
  const sudoPassword = secretIn(sources, { layers, key: 'sudoPassword' })
  return {
    ...login,
    jump: hops.map((part) => hopLogin(sources, { part, behind: login, config: uses?.(short(part)) ?? null })),
    client: first('client') ?? 'ssh2',
    config: first('config') ?? 'ignore',
    sudoPassword,
  }
}

interface Login extends SshLayers {
  readonly config: SshConfig | null
  /** Keys where nobody names one. */
  readonly usual: readonly string[]
}

const loginOf = (sources: SshSources, { address, layers, config, usual }: Login): SshLogin => {
  const first = <K extends keyof SshEntry>(key: K) =>
    layers.map(({ entry }) => entry[key]).find((value) => value !== undefined)
  const path = (file: string) => pathIn(sources.surroundings, file)
  const given = layers.map(({ entry }) => keyFiles(entry)).find((files) => files !== null)
  const passphrase = secretIn(sources, { layers, key: 'passphrase' })
  return {
    // The ssh program itself knows what its configuration makes of a name.
    address: first('client') === 'system' ? address : (config?.address ?? address),
    port: first('port') ?? config?.port ?? 22,
    user: first('user') ?? config?.user ?? 'root',
    keys: given?.map(path) ?? (config?.identityFiles ?? usual).map(path).filter((file) => existsSync(file)),
    agent: first('agent') ?? (config?.identitiesOnly === 'yes' ? 'named' : 'use'),
    passphrase: passphrase === 'ask' ? null : passphrase,
    password: secretIn(sources, { layers, key: 'password' }),
    knownHosts: path(first('knownHosts') ?? config?.knownHosts ?? '~/.ssh/known_hosts'),
    hostKeys: first('hostKeys') ?? config?.hostKeys ?? 'accept-new',
    pinned: first('hostKey') ?? null,
  }
}

interface HopOf {
  readonly part: HopPart
  /** The login on the host that is reached over it. */
  readonly behind: SshLogin
  readonly config: SshConfig | null
}

/**
 * A hop that says how to log in (key, keys, agent or password) does so with that alone, and with those keys of the agent
 * that it names; one that says nothing takes keys, agent and passphrase of the host behind it. A password is never taken over.
 */
const hopLogin = (sources: SshSources, { part, behind, config }: HopOf): SshLogin => {
  const entry = part.hop as SshEntry & { readonly address: string }
  const own = loginOf(sources, { address: entry.address, layers: [{ path: part.path, entry }], config, usual: [] })
  const named = keyFiles(entry)
  const says = named !== null || entry.agent !== undefined || entry.password !== undefined
  const keys = says || config !== null ? own : { ...own, keys: behind.keys, agent: behind.agent }
  return {
    ...keys,
    user: entry.user ?? config?.user ?? behind.user,
    passphrase: own.passphrase ?? (says ? null : behind.passphrase),
    agent: entry.agent ?? (named !== null ? 'named' : entry.password !== undefined ? 'ignore' : keys.agent),
    keys: named === null && entry.password !== undefined ? [] : keys.keys,
    knownHosts: entry.knownHosts === undefined && config === null ? behind.knownHosts : own.knownHosts,
    hostKeys: entry.hostKeys ?? config?.hostKeys ?? behind.hostKeys,
  }
}

interface SecretAt {
  readonly layers: readonly Layer[]
  readonly key: 'password' | 'passphrase' | 'sudoPassword'
}

const secretIn = ({ secrets }: SshSources, { layers, key }: SecretAt): Secret | 'ask' | null => {
  const layer = layers.find(({ entry }) => entry[key] !== undefined)
  if (layer === undefined) return null
  return layer.entry[key] === 'ask' ? 'ask' : (secrets.get([...layer.path, key].join('.')) ?? null)
}

const short = ({ hop }: HopPart): ShortHop => ({
  address: hop.address ?? '',
  ...defined({ user: hop.user, port: hop.port }),
})

const defined = ({ user, port }: { user: string | undefined; port: number | undefined }) => ({
  ...(user !== undefined && { user }),
  ...(port !== undefined && { port }),
})

/** null: this layer says nothing of keys. */
const keyFiles = ({ key, keys }: SshEntry): readonly string[] | null => keys ?? (key === undefined ? null : [key])
