// The machine's own Debian sources, read at run time, for private use: its files are never edited.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from './paths.js'
import { run } from './run.js'

interface Source {
  readonly uris: string
  readonly suites: readonly string[]
  readonly components: string
  readonly signedBy: string | undefined
}

export function codename(): string {
  const release = readFileSync('/etc/os-release', 'utf8')
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'bookworm'
}

function stanzas(text: string): Source[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .split(/\n\s*\n/)
    .filter((stanza) => /^Types:.*\bdeb\b/m.test(stanza))
    .map((stanza) => {
      const field = (name: string): string =>
        new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, 'm').exec(stanza)?.[1]?.trim() ?? ''
      return {
        uris: field('URIs'),
        suites: field('Suites').split(/\s+/),
        components: field('Components'),
        signedBy: field('Signed-By') || undefined,
      }
    })
}

function lines(text: string): Source[] {
  return [...text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/gm)].map((it) => ({
    uris: it[2] ?? '',
    suites: [it[3] ?? ''],
    components: it[4] ?? '',
    signedBy: /signed-by=(\S+)/.exec(it[1] ?? '')?.[1],
  }))
}

/** Sources of the Debian release this machine runs; third parties' suites have other names. */
function debianSources(): Source[] {
  const folder = '/etc/apt/sources.list.d'
  const more = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  const name = codename()
  const found = ['/etc/apt/sources.list', ...more]
    .filter((path) => existsSync(path))
    .flatMap((path) => (path.endsWith('.sources') ? stanzas : lines)(readFileSync(path, 'utf8')))
    .map((it) => ({ ...it, suites: it.suites.filter((suite) => suite === name || suite.startsWith(`${name}-`)) }))
    .filter((it) => it.suites.length > 0 && /\bmain\b/.test(it.components))
  if (found.length === 0) throw new Error(`no apt source for Debian ${name} in /etc/apt: the lab needs one`)
  return found
}

const folder = (): string => join(cacheRoot, 'apt')

function write(type: 'deb' | 'deb-src'): string {
  mkdirSync(join(folder(), 'lists', 'partial'), { recursive: true })
  mkdirSync(join(folder(), 'archives', 'partial'), { recursive: true })
  const path = join(folder(), `${type}.sources`)
  const text = debianSources().map((it) =>
    [
      `Types: ${type === 'deb' ? 'deb' : 'deb deb-src'}`,
      `URIs: ${it.uris}`,
      `Suites: ${it.suites.join(' ')}`,
      `Components: ${it.components}`,
      ...(it.signedBy === undefined ? [] : [`Signed-By: ${it.signedBy}`]),
    ].join('\n'),
  )
  writeFileSync(path, `${text.join('\n\n')}\n`)
  return path
}

/** A sources file with only Debian in it, for mmdebstrap. */
export const sourcesFile = (): string => write('deb')

/** Options that point apt at private sources, lists and archives; `status` is the dpkg database it resolves against. */
export function aptOptions(status?: string): string[] {
  const set: Record<string, string> = {
    'Dir::Etc::SourceList': write('deb-src'),
    'Dir::Etc::SourceParts': '-',
    'Dir::State::Lists': join(folder(), 'lists'),
    'Dir::Cache::Archives': join(folder(), 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Sandbox::User': 'root',
    'APT::Keep-Downloaded-Packages': 'true',
    ...(status === undefined ? {} : { 'Dir::State::Status': status }),
  }
  return Object.entries(set).flatMap(([key, value]) => ['-o', `${key}=${value}`])
}

export async function updateLists(): Promise<void> {
  await run('apt-get', [...aptOptions(), '-q', 'update'], { timeoutSeconds: 300 })
}
