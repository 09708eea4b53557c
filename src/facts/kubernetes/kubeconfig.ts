// A kubeconfig without its private parts: which clusters it names, and what its users' certificates are signed by.
import { X509Certificate } from 'node:crypto'
import { fact, known, unreadable, type Fact, type HostRef, type Kind, type Seen } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readYaml } from '../../text/yaml.js'
import { readOnly } from '../mint.js'

export interface Kubeconfig {
  /** Permission bits as `ls` writes them: `rw-------`; null: not asked for. */
  readonly mode: string | null
  readonly clusters: readonly KubeconfigCluster[]
  readonly users: readonly KubeconfigUser[]
  readonly contexts: readonly { readonly name: string; readonly cluster: string; readonly user: string }[]
}

export interface KubeconfigCluster {
  readonly name: string
  readonly server: string
  /** PEM; empty when it is not in the file itself. */
  readonly ca: string
}

export interface KubeconfigUser {
  readonly name: string
  /** PEM of the client certificate; empty when it has none. */
  readonly certificate: string
}

interface Wanted {
  readonly path: string
  readonly mode: 'asked' | 'not asked'
}

const kind: Kind<Wanted, Kubeconfig | null> = {
  name: 'kubeconfig',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  // Private keys, tokens and passwords do not leave the file.
  ask: (wanted) =>
    readOnly(
      join(
        [
          raw(
            `without_secrets() { sed -E 's/((client-key-data|token|password): *).*/\\1hidden/' "$1"; printf '\\0'; }`,
          ),
          ...wanted.map(
            ({ path, mode }) =>
              sh`p=${path}; if [ ! -e "$p" ]; then printf 'absent\n\0'
elif ${raw(mode === 'asked' ? 'ls -ldL -- "$p"' : '[ -f "$p" ] && echo file')}; then without_secrets "$p"; else printf '\0'; fi`,
          ),
        ],
        '\n',
      ),
    ),
  tell: ({ stdout, stderr }, wanted) => {
    const parts = stdout.toString('utf8').split('\0')
    return wanted.map((one, index) => tellOne(one, parts[index] ?? '', stderr.toString('utf8').trim()))
  },
}

const tellOne = ({ path, mode }: Wanted, part: string, stderr: string): Seen<Kubeconfig | null> => {
  if (part === 'absent\n') return known(null)
  const bits = /^-([rwxsStT-]{9})/.exec(part)?.[1] ?? null
  if (mode === 'asked' ? bits === null : !part.startsWith('file\n'))
    return unreadable(`${path}: ${stderr === '' ? 'not a file' : stderr}`)
  const parsed = parseKubeconfig(part.slice(part.indexOf('\n') + 1))
  return parsed === null ? unreadable(`${path} is no kubeconfig`) : known({ mode: bits, ...parsed })
}

/** null: not a kubeconfig. An empty file is one without clusters, as for kubectl. */
export const parseKubeconfig = (text: string): Omit<Kubeconfig, 'mode'> | null => {
  const { value, mistakes } = readYaml(text)
  if (text.trim() === '') return { clusters: [], users: [], contexts: [] }
  if (mistakes.length > 0 || typeof value !== 'object' || value === null) return null
  const all = value as Readonly<Record<string, unknown>>
  const entries = (list: string, part: string) =>
    (Array.isArray(all[list]) ? (all[list] as readonly Json[]) : []).map((entry) => ({
      name: textOf(entry['name']),
      body: (entry[part] ?? {}) as Json,
    }))
  return {
    clusters: entries('clusters', 'cluster').map(({ name, body }) => ({
      name,
      server: textOf(body['server']),
      ca: decoded(body['certificate-authority-data']),
    })),
    users: entries('users', 'user').map(({ name, body }) => ({
      name,
      certificate: decoded(body['client-certificate-data']),
    })),
    contexts: entries('contexts', 'context').map(({ name, body }) => ({
      name,
      cluster: textOf(body['cluster']),
      user: textOf(body['user']),
    })),
  }
}

type Json = Readonly<Record<string, unknown>>
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const decoded = (value: unknown): string => Buffer.from(textOf(value), 'base64').toString('utf8')

/** Whether the CA signed the certificate; false for anything that is no certificate. */
export const isSignedBy = (certificate: string, ca: string): boolean => {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey)
  } catch {
    return false
  }
}

/** null: there is no such file. */
export const kubeconfig = (path: string, at: HostRef): Fact<Kubeconfig | null> =>
  fact(kind, { path, mode: 'asked' }, at)

/** The same, but for its mode, which costs the host a process. */
export const kubeconfigContent = (path: string, at: HostRef): Fact<Kubeconfig | null> =>
  fact(kind, { path, mode: 'not asked' }, at)
