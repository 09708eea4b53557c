// `cluster.packages` → where packages come from, with the bytes of the repositories' keys.
import { readFile } from 'node:fs/promises'
import type { AptRepository, PackageSource, Version } from '../model/inventory.js'
import type { YamlPath } from '../text/yaml.js'
import { fetchCached } from './fetched.js'
import { mistake, pathText, type Problem } from './problem.js'
import { isUrl } from './schema/addresses.js'
import type { PackagesEntry } from './schema/packages.js'
import { pathIn, type Surroundings } from './surroundings.js'

type Key = AptRepository['key']
interface Wanted {
  readonly entry: PackagesEntry
  readonly version: Version
}

export const sourceOf = (entry: PackagesEntry | undefined): PackageSource['source'] =>
  entry?.source ?? (entry?.directory === undefined ? 'repository' : 'directory')

export const resolvePackages = async (
  surroundings: Surroundings,
  { entry, version }: Wanted,
): Promise<PackageSource | readonly Problem[]> => {
  const source = sourceOf(entry)
  if (source === 'host') return { source }
  if (source === 'directory') return { source, directory: pathIn(surroundings, entry.directory ?? '.') }
  const { apt, dnf } = withRepositories({ entry, version })
  const [aptKeys, dnfKeys] = await Promise.all([
    Promise.all(
      apt.map(({ key }, index) => keyOf(surroundings, { key, path: ['cluster', 'packages', 'apt', index, 'key'] })),
    ),
    Promise.all(
      dnf.map(({ key }, index) => keyOf(surroundings, { key, path: ['cluster', 'packages', 'dnf', index, 'key'] })),
    ),
  ])
  const problems = [...aptKeys, ...dnfKeys].filter((key) => 'severity' in key)
  if (problems.length > 0) return problems
  return {
    source,
    apt: apt.map(({ name, url, suite, components }, index) => ({
      name,
      url,
      suite,
      components: components ?? [],
      key: aptKeys[index] as Key,
    })),
    dnf: dnf.map(({ name, url }, index) => ({ name, url, key: dnfKeys[index] as Key })),
  }
}

/** The Kubernetes project's own repositories hold one minor version each, from 1.24 on. */
export const oldestInProjectRepositories = 24

const withRepositories = ({ entry, version }: Wanted) => {
  const { apt = [], dnf = [] } = entry
  if (apt.length + dnf.length > 0) return { apt, dnf }
  const base = `https://pkgs.k8s.io/core:/stable:/v${version.major}.${version.minor}`
  return {
    apt: [{ name: 'kubernetes', url: `${base}/deb/`, suite: '/', components: [], key: `${base}/deb/Release.key` }],
    dnf: [{ name: 'kubernetes', url: `${base}/rpm/`, key: `${base}/rpm/repodata/repomd.xml.key` }],
  }
}

const keyOf = async (
  surroundings: Surroundings,
  { key, path }: { key: string; path: YamlPath },
): Promise<Key | Problem> => {
  if (isUrl(key)) {
    const answer = await fetchCached(surroundings, key)
    if (!('why' in answer)) return answer
    const hint =
      'Check the way to the internet; or download the key elsewhere and write `key: ./FILE` to a repository in `packages`.'
    return mistake('fetch', { path, message: `The repository's key ${key} could not be fetched: ${answer.why}`, hint })
  }
  const file = pathIn(surroundings, key)
  const bytes = await readFile(file).catch(() => null)
  return bytes === null ? noKey({ path, file }) : { file, bytes }
}

export const noKey = ({ path, file }: { path: YamlPath; file: string }): Problem =>
  mistake('repository-key', {
    path,
    message: `${pathText(path)}: the repository's public key ${file} cannot be read`,
    hint: 'Check the path; it is relative to the folder of the inventory.',
  })
