// Which packages are installed, in which version, and whether they are held: dpkg or rpm, whichever the host has.
import { fact, known, unreadable, type Fact, type Kind, type Seen } from '../model/fact.js'
import { raw, sh } from '../text/sh.js'
import { readOnly } from './mint.js'
import { familyScript } from './os.js'

export interface PackageState {
  /** As the package manager writes it: `1.20.2-00`, `0:1.20.2-0`. null: not installed. */
  readonly installed: string | null
  readonly hold: 'held' | 'free'
  /** `unfinished`: unpacked but not configured, after an interrupted dpkg. */
  readonly condition: 'whole' | 'unfinished'
  /** `unlockable`: dnf's versionlock plugin is not there, so nothing can be held. */
  readonly locking: 'lockable' | 'unlockable'
}

export const absentPackage: PackageState = {
  installed: null,
  hold: 'free',
  condition: 'whole',
  locking: 'lockable',
}

/** What the versionlock plugins of dnf and yum read. */
const versionLockFiles = ['/etc/dnf/plugins/versionlock.list', '/etc/yum/pluginconf.d/versionlock.list']
const versionLockConfigs = ['/etc/dnf/plugins/versionlock.conf', '/etc/yum/pluginconf.d/versionlock.conf']

const dpkgFormat = '${Package}\\t${db:Status-Want}\\t${db:Status-Status}\\t${Version}\\n'
const rpmFormat = '%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n'

/**
 * rpm's SQLite database counts its readers in a file beside it, so that even a query changes that file's time. In a mount
 * namespace of its own, where the folder is read-only, it cannot.
 */
const rpmQuery = `d=$(rpm -E %_dbpath)
if [ -e "$d/rpmdb.sqlite-shm" ] && [ -e "$d/rpmdb.sqlite-wal" ] && unshare -m true 2>/dev/null; then
  unshare -m /bin/sh -c 'mount -n --bind "$0" "$0" && mount -n -o remount,bind,ro "$0" && echo @asked && exec rpm -q --qf "$@"' "$d" \\
    '${rpmFormat}' -- "$@"
else echo @asked; rpm -q --qf '${rpmFormat}' -- "$@"; fi`

const kind: Kind<string, PackageState> = {
  name: 'package',
  stays: 'host',
  cost: 'cheap',
  within: 30_000,
  ask: (names) =>
    readOnly(sh`set -- ${names}
${raw(familyScript)}
echo "$family"
case $family in
debian) dpkg-query -W -f ${dpkgFormat} -- "$@" 2>/dev/null; [ $? -lt 2 ];;
rhel)
  for f in ${versionLockConfigs}; do [ -e "$f" ] && echo @lockable; done
  for f in ${versionLockFiles}; do [ -e "$f" ] && sed -n '/^[[:space:]]*[^#[:space:]]/s/^[[:space:]]*/@lock /p' "$f"; done
  ${raw(rpmQuery)}
  true;;
esac`),
  tell: ({ stdout, stderr, status }, names) => {
    const [family, ...lines] = stdout.toString('utf8').split('\n')
    const states = family === 'debian' ? fromDpkg(lines) : family === 'rhel' ? fromRpm(lines) : null
    if (!states) return names.map(() => unreadable('package: neither of the Debian nor of the RHEL family'))
    // Told to be absent because the database could not be read, a package would be installed over itself.
    const said = stderr.toString('utf8')
    const trouble = /^error: .*/m.exec(said)?.[0]
    const told = trouble === undefined && status === 0 && (family === 'debian' || lines.includes('@asked'))
    if (!told) return names.map(() => unreadable(`package database: ${trouble ?? (said.trim() || 'no answer')}`))
    return names.map((name): Seen<PackageState> => known(states(name)))
  },
}

/** One of the host's package database; the name without architecture. */
export const packageState = (name: string): Fact<PackageState> => fact(kind, name)

type Told = (name: string) => PackageState

const fromDpkg = (lines: readonly string[]): Told => {
  const rows = lines.map((line) => line.split('\t'))
  return (name) => {
    const ofName = rows.filter((row) => row[0] === name && row[2] !== 'not-installed' && row[2] !== 'config-files')
    const [, want, status, version] = ofName[0] ?? []
    if (version === undefined || version === '') return absentPackage
    return {
      installed: version,
      hold: want === 'hold' ? 'held' : 'free',
      condition: status === 'installed' ? 'whole' : 'unfinished',
      locking: 'lockable',
    }
  }
}

const fromRpm = (lines: readonly string[]): Told => {
  const locking = lines.includes('@lockable') ? 'lockable' : 'unlockable'
  const locks = lines.filter((line) => line.startsWith('@lock ')).map((line) => line.slice(6).trim())
  return (name) => {
    // A package may be installed several times (kernels); the last is the newest.
    const installed = lines.findLast((line) => line.startsWith(`${name}\t`))?.split('\t')[1] ?? null
    const held = installed !== null && locking === 'lockable' && locks.some((lock) => isLock(lock, { name, installed }))
    return { installed, hold: held ? 'held' : 'free', condition: 'whole', locking }
  }
}

/** Lines are `NAME-EPOCH:VERSION-RELEASE.*` (versionlock's own), the epoch and the architecture optional. */
const isLock = (lock: string, { name, installed }: { readonly name: string; readonly installed: string }): boolean => {
  const bare = lock.replace(/^(\d+):(.*)$/, '$2')
  const epoch = /^(\d+):/.exec(lock)?.[1]
  const text = epoch === undefined ? bare : `${name}-${epoch}:${bare.slice(name.length + 1)}`
  return [installed, installed.replace(/^0:/, '')].some((version) => {
    const wanted = `${name}-${version}`
    return text === wanted || (text.startsWith(`${wanted}.`) && !text.slice(wanted.length + 1).includes('.'))
  })
}
