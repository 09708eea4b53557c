// Folders with the package files of one version and all they need, for hosts without any repository.

import { linkSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { digest, piece } from './cache.js'
import { version } from './kubernetes.js'
import type { System } from './profiles.js'
import { run } from './run.js'

const roots = ['kubelet', 'kubeadm', 'kubectl', 'containerd', 'haproxy', 'keepalived']

interface Entry {
  readonly name: string
  readonly file: string
  readonly needs: readonly string[]
  readonly provides: readonly string[]
}

/** Everything reachable from the roots; what no entry has is on the hosts already. */
function closure(entries: readonly Entry[]): string[] {
  const byName = new Map(entries.flatMap((it) => it.provides.map((name) => [name, it] as const)))
  for (const it of entries) byName.set(it.name, it)
  const taken = new Set<Entry>()
  const take = (name: string): void => {
    const it = byName.get(name)
    if (it === undefined || taken.has(it)) return
    taken.add(it)
    it.needs.forEach(take)
  }
  roots.forEach(take)
  return [...taken].map((it) => it.file)
}

const names = (list: string): string[] =>
  list
    .split(',')
    .map((it) => (it.split('|')[0] ?? '').trim().replace(/[ :(].*$/, ''))
    .filter(Boolean)

function debEntries(repository: string): Entry[] {
  const folder = join(repository, 'dists/stable/main')
  const text = readFileSync(join(folder, readdirSync(folder)[0] ?? '', 'Packages'), 'utf8')
  return text.split('\n\n').map((stanza) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    const needs = names(`${field('Depends')},${field('Pre-Depends')}`)
    return {
      name: field('Package'),
      file: join(repository, field('Filename')),
      needs,
      provides: names(field('Provides')),
    }
  })
}

async function rpmEntries(repository: string): Promise<Entry[]> {
  const pool = join(repository, 'pool')
  const files = readdirSync(pool).map((it) => join(pool, it))
  const query = async (file: string, what: string): Promise<string[]> => {
    const answer = await run('rpm', ['-qp', '--nosignature', '--queryformat', `[%{${what}}\\n]`, file])
    return answer.stdout.split('\n').filter(Boolean)
  }
  const entries: Entry[] = []
  for (const file of files) {
    const [name = ''] = await query(file, 'NAME')
    entries.push({ name, file, needs: await query(file, 'REQUIRES'), provides: await query(file, 'PROVIDES') })
  }
  return entries
}

const otherVersion = (file: string): boolean => /^kube(let|adm|ctl)[_-]/.test(basename(file)) && !file.includes(version)

export const packageDirectory = (system: System, repositories: readonly string[]): Promise<string> =>
  piece(
    {
      kind: `packages-${system}`,
      key: digest(version, ...repositories, ...roots),
      title: `gather the .${system} files for an installation from a directory`,
      expectedSeconds: 2,
    },
    async (into) => {
      mkdirSync(into, { recursive: true })
      const entries: Entry[] = []
      for (const repository of repositories) {
        entries.push(...(system === 'deb' ? debEntries(repository) : await rpmEntries(repository)))
      }
      for (const file of closure(entries.filter((it) => !otherVersion(it.file)))) {
        linkSync(file, join(into, basename(file)))
      }
    },
  )
