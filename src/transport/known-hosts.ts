// Reads known_hosts text and judges a host's key by it, as sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT" and OpenSSH do. Pure.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

interface KnownHost {
  readonly line: number
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  readonly patterns: string
  readonly type: string
  readonly key: Buffer
}

export interface KnownHosts {
  /** The entries for a host as `hostField` has it, in the order of the file. */
  naming(field: string): readonly KnownHost[]
}

/** The host as the operator wrote it. */
export interface Address {
  readonly address: string
  readonly port: number
}

export type Verdict =
  | { readonly kind: 'known' }
  /** Nothing is recorded for this address. */
  | { readonly kind: 'new' }
  /** Something else is recorded: another key, or (which an attacker would offer too) a key of another type. */
  | { readonly kind: 'changed'; readonly line: number; readonly recorded: readonly string[] }
  | { readonly kind: 'revoked'; readonly line: number }

/** Lines that are comments, empty or not understood are no entries, as in OpenSSH. */
export const parseKnownHosts = (text: string): KnownHosts => {
  const plain = new Map<string, KnownHost[]>()
  const others: KnownHost[] = []
  for (const entry of entriesOf(text))
    if (/[*?!|]/.test(entry.patterns)) others.push(entry)
    else for (const name of new Set(entry.patterns.toLowerCase().split(','))) listed(plain, name).push(entry)
  return {
    naming: (field) =>
      [...(plain.get(field) ?? []), ...others.filter((entry) => matches(entry, field))].toSorted(
        (a, b) => a.line - b.line,
      ),
  }
}

const listed = (lists: Map<string, KnownHost[]>, name: string): KnownHost[] => {
  const list = lists.get(name) ?? []
  lists.set(name, list)
  return list
}

const entriesOf = (text: string): readonly KnownHost[] =>
  text.split('\n').flatMap((raw, index) => {
    const fields = raw.trim().split(/\s+/)
    const marker = fields[0]?.startsWith('@') ? fields.shift() : '@none'
    const [patterns, type, blob] = fields
    if (!patterns || patterns.startsWith('#') || !type || !blob) return []
    if (marker !== '@none' && marker !== '@revoked' && marker !== '@cert-authority') return []
    const kind = marker.slice(1) as KnownHost['marker']
    return [{ line: index + 1, marker: kind, patterns, type, key: Buffer.from(blob, 'base64') }]
  })

/** `address`, or `[address]:port` where the port is not 22; host names have no case. */
export const hostField = ({ address, port }: Address): string =>
  port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`

export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/** The key's own type, the first string of its blob. */
export const keyType = (key: Buffer): string => {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0)
  return key.toString('latin1', 4, 4 + Math.min(length, 64))
}

/** Key types recorded for the host, in the order of the file. */
export const recordedTypes = (known: KnownHosts, host: Address): readonly string[] => [
  ...new Set(entriesFor(known, host).map((entry) => entry.type)),
]

export const judge = (known: KnownHosts, { host, key }: { host: Address; key: Buffer }): Verdict => {
  const named = known.naming(hostField(host))
  const revoked = [...named, ...known.naming(hostField({ ...host, port: 22 }))].find(
    (entry) => entry.marker === 'revoked' && entry.key.equals(key),
  )
  if (revoked) return { kind: 'revoked', line: revoked.line }
  if (entriesFor(known, host).some((entry) => entry.key.equals(key))) return { kind: 'known' }
  // An entry without the port may vouch for a key, as in OpenSSH; it says nothing against one: behind a port is another machine.
  const plain = named.filter((entry) => entry.marker === 'none')
  const first = plain[0]
  if (!first) return { kind: 'new' }
  const same = plain.find((entry) => entry.type === keyType(key)) ?? first
  return {
    kind: 'changed',
    line: same.line,
    recorded: plain.map((entry) => `${fingerprint(entry.key)} (${entry.type}, line ${entry.line})`),
  }
}

/** True where only a certificate authority is recorded, which ssh2 cannot honour. */
export const onlyAuthority = (known: KnownHosts, host: Address): boolean =>
  entriesFor(known, host).length === 0 &&
  known.naming(hostField(host)).some((entry) => entry.marker === 'cert-authority')

/** OpenSSH looks without the port too where nothing is recorded with it. */
const entriesFor = (known: KnownHosts, host: Address): readonly KnownHost[] => {
  const plain = (field: string) => known.naming(field).filter((entry) => entry.marker === 'none')
  const exact = plain(hostField(host))
  return exact.length > 0 || host.port === 22 ? exact : plain(hostField({ ...host, port: 22 }))
}

const matches = (entry: KnownHost, name: string): boolean => {
  if (entry.patterns.startsWith('|1|')) return matchesHash(entry.patterns, name)
  const patterns = entry.patterns.toLowerCase().split(',')
  if (patterns.some((pattern) => pattern.startsWith('!') && glob(pattern.slice(1), name))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && glob(pattern, name))
}

const matchesHash = (pattern: string, name: string): boolean => {
  const [, , salt = '', hash = ''] = pattern.split('|')
  const wanted = Buffer.from(hash, 'base64')
  const have = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return wanted.length === have.length && timingSafeEqual(wanted, have)
}

const glob = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(name)
