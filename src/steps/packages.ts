// Packages in exact versions, held against upgrades behind our back, installed by one apt-get or dnf in a transient unit.
import { packageFiles, type PackageFile } from '../facts/package-files.js'
import { packageState, type PackageState } from '../facts/package.js'
import { compareVersions, isVersion, upstreamVersion } from '../facts/package-version.js'
import { os, type Os } from '../facts/os.js'
import type { StepId } from '../model/fact.js'
import type { PackageSource } from '../model/inventory.js'
import { all, always, each, map, see, type Look } from '../model/look.js'
import type { Change, Intent, Problem, Step, Writers } from '../model/step.js'
import { clearDelivery, deliver } from './package-delivery.js'
import { aptScript, dnfScript, type Wanted } from './package-script.js'
import { transient } from './transient.js'

interface PackageWanted {
  readonly name: string
  /**
   * `1.20.2` matches every revision of that upstream version (1.20.2-00, 0:1.20.2-0); the newest is taken. A whole package
   * version matches itself. null: any installed one will do, the newest available is installed otherwise.
   */
  readonly version: string | null
}

export interface PackagesWanted {
  /** `packages:haproxy` */
  readonly id: StepId
  readonly title: string
  readonly want: readonly PackageWanted[]
  /** `hold`: apt-mark hold, or dnf's versionlock. `free`: left as it is. */
  readonly hold: 'hold' | 'free'
  /** Names that a `directory` does not hold come from the host's repositories. */
  readonly source: PackageSource
  readonly after?: readonly StepId[]
}

interface Have {
  readonly os: Os
  readonly states: readonly PackageState[]
  /** dnf cannot hold anything without its plugin. */
  readonly locker: PackageState
  readonly files: readonly PackageFile[]
}

/** A package with what is there of it and, from a directory, the file that is meant. */
interface Item extends PackageWanted {
  readonly state: PackageState
  readonly file: PackageFile | null
}

const lockerName = 'python3-dnf-plugin-versionlock'

/** Up to ten minutes for locks (R-O1), and the downloads. */
const installWithin = 30 * 60_000

/** A newer version than the wanted one is a problem: nothing is ever downgraded. */
export const packages = (wanted: PackagesWanted): Step => ({
  id: wanted.id,
  title: wanted.title,
  after: wanted.after ?? [],
  writes: ['self'],
  settle: null,
  look: map(look(wanted), (have): Intent => {
    const items = itemsOf(wanted, have)
    const problems = items.flatMap((item) => problemsOf(item, wanted, have))
    const changes = problems.length > 0 ? [] : [...items.flatMap(versionChange), ...holdChanges(wanted, have, items)]
    return { changes, problems, apply: (at) => apply(at, { wanted, have, items }) }
  }),
})

const look = ({ want, source }: PackagesWanted): Look<Have> =>
  all({
    os: see(os()),
    states: each(want.map(({ name }) => see(packageState(name)))),
    locker: see(packageState(lockerName)),
    files: source.source === 'directory' ? see(packageFiles(source.directory)) : always([]),
  })

const itemsOf = ({ want }: PackagesWanted, have: Have): readonly Item[] =>
  want.flatMap((one, index) => {
    const state = have.states[index]
    const version = one.version
    const files = poolOf(have).filter(({ name }) => name === one.name)
    const file = newest(version === null ? files : files.filter((each) => isVersion(each.version, version)))
    return state ? [{ ...one, state, file }] : []
  })

const archNames: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['amd64', 'x86_64', 'all', 'noarch'],
  aarch64: ['arm64', 'aarch64', 'all', 'noarch'],
}

const poolOf = ({ os: { family, arch }, files }: Have): readonly PackageFile[] =>
  files.filter(
    (one) =>
      one.format === (family === 'debian' ? 'deb' : 'rpm') &&
      (archNames[arch] ?? [arch, 'all', 'noarch']).includes(one.arch),
  )

const newest = (files: readonly PackageFile[]): PackageFile | null =>
  files.toSorted((left, right) => compareVersions(right.version, left.version))[0] ?? null

const isWanted = ({ state, version }: Item): boolean =>
  state.installed !== null && state.condition === 'whole' && (version === null || isVersion(state.installed, version))

const versionChange = (item: Item): readonly Change[] => {
  if (isWanted(item)) return []
  const { installed, condition } = item.state
  const from = condition === 'unfinished' ? `${installed}, half installed` : installed
  return [{ path: `package ${item.name}`, from, to: item.version ?? 'newest available', impact: 'none' }]
}

const holdChanges = ({ hold }: PackagesWanted, { os: { family }, locker }: Have, items: readonly Item[]) => {
  if (hold === 'free') return []
  const needsLocker = family === 'rhel' && locker.locking === 'unlockable'
  return [
    ...(needsLocker ? versionChange({ name: lockerName, version: null, state: locker, file: null }) : []),
    ...items
      .filter(({ state }) => state.hold === 'free')
      .map(({ name, state }): Change => {
        const from = state.installed === null ? null : 'free'
        return { path: `package ${name} hold`, from, to: 'held', impact: 'none' }
      }),
  ]
}

const problemsOf = (item: Item, { source }: PackagesWanted, have: Have): readonly Problem[] => {
  const { name, version, state } = item
  if (version === null || isWanted(item)) return []
  const failure = (message: string, hint: string): readonly Problem[] => [{ level: 'failure', message, hint }]
  if (state.installed !== null && isOlder(version, state.installed))
    return failure(
      `${name} ${state.installed} is installed, which is newer than the wanted ${version}`,
      `khactl never downgrades a package. Want ${upstreamVersion(state.installed)} in the inventory, or remove ${name} from the host by hand.`,
    )
  const others = poolOf(have).filter((one) => one.name === name)
  if (source.source === 'directory' && item.file === null && others.length > 0)
    return failure(
      `${source.directory} has ${name} only as ${others.map((one) => one.version).join(', ')}, not as ${version}`,
      `Put the package file of ${name} ${version} there, or want another version.`,
    )
  return []
}

/** Upstream versions alone are compared when no revision is wanted. */
const isOlder = (version: string, installed: string): boolean =>
  compareVersions(version, version.includes('-') ? installed : upstreamVersion(installed)) < 0

const apply = async (
  at: Writers,
  { wanted, have, items }: { readonly wanted: PackagesWanted; readonly have: Have; readonly items: readonly Item[] },
): Promise<void> => {
  const due = items.filter((item) => !isWanted(item))
  const files = due.flatMap(({ file }) => (file ? [file] : []))
  const sent =
    files.length > 0
      ? await deliver(at, { wanted: files, pool: newestOfEach(poolOf(have)) })
      : { paths: [], dependencies: [] }
  const install: readonly Wanted[] = [
    ...sent.paths.map((path): Wanted => ({ from: 'file', path })),
    ...due.flatMap(({ name, version, file }): Wanted[] => (file ? [] : [{ from: 'repository', name, version }])),
    ...holdChanges(wanted, have, items)
      .filter(({ path }) => path === `package ${lockerName}`)
      .map((): Wanted => ({ from: 'repository', name: lockerName, version: null })),
  ]
  // A version lock names the version: a new version needs a new one.
  const held = wanted.hold === 'hold' ? items.filter((item) => item.state.hold === 'free' || !isWanted(item)) : []
  const script = have.os.family === 'debian' ? aptScript : dnfScript
  await transient(at.self, {
    name: wanted.id.replaceAll(/[^\w.-]/g, '-'),
    command: script({
      install,
      automatic: sent.dependencies,
      hold: held.map(({ name }) => name),
      repositories: wanted.source.source === 'directory' ? 'tolerant' : 'needed',
    }),
    summary: `${have.os.family === 'debian' ? 'apt-get' : 'dnf'} install ${install.map(specText).join(' ')}`,
    within: installWithin,
  })
  if (files.length > 0) await clearDelivery(at.self)
}

const specText = (one: Wanted): string => {
  if (one.from === 'file') return one.path
  return one.version === null ? one.name : `${one.name}=${one.version}`
}

const newestOfEach = (files: readonly PackageFile[]): readonly PackageFile[] =>
  [...new Set(files.map(({ name }) => name))].flatMap((name) => newest(files.filter((one) => one.name === name)) ?? [])
