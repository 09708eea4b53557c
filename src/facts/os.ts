// What a host is: its distribution, family, architecture, kernel, and whether systemd runs it.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { raw } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface Os {
  /** `debian`, `ubuntu`, `rocky`, … as in os-release(5). */
  readonly id: string
  readonly idLike: readonly string[]
  /** `12`, `22.04`, `9.3`; empty on rolling releases. */
  readonly versionId: string
  /** As a person says it: `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string
  /** Which package manager is meant; null: neither apt nor dnf. */
  readonly family: 'debian' | 'rhel' | null
  /** `uname -m`: `x86_64`, `aarch64`. */
  readonly arch: string
  /** `uname -r`. */
  readonly kernel: string
  readonly systemd: 'running' | 'absent'
}

const kind: Kind<null, Os> = {
  name: 'os',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: () =>
    readOnly(
      raw(`uname -mr; [ -d /run/systemd/system ] && echo running || echo absent
f=/etc/os-release; [ -r $f ] || f=/usr/lib/os-release; [ -r $f ] || return
while IFS= read -r l || [ -n "$l" ]; do printf '%s\\n' "$l"; done <$f`),
    ),
  tell: ({ stdout, status }, args) => {
    const os = status === 0 ? parse(stdout.toString('utf8')) : null
    return args.map(() => (os ? known(os) : unreadable('os: the host has no os-release file')))
  },
}

/** Distribution, architecture, kernel, init. */
export const os = (): Fact<Os> => fact(kind, null)

const parse = (text: string): Os => {
  const [machine = '', systemd, ...lines] = text.split('\n')
  // In the order of uname's own fields, whatever that of its options.
  const [kernel = '', arch = ''] = machine.split(' ')
  const fields = new Map(lines.flatMap(assignment))
  const id = fields.get('ID') ?? 'linux'
  const idLike = (fields.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => word !== '')
  return {
    id,
    idLike,
    versionId: fields.get('VERSION_ID') ?? '',
    name: fields.get('PRETTY_NAME') ?? id,
    family: familyOf([id, ...idLike]),
    arch,
    kernel,
    systemd: systemd === 'running' ? 'running' : 'absent',
  }
}

const assignment = (line: string): readonly [string, string][] => {
  const match = /^([A-Z_0-9]+)=(.*)$/.exec(line.trim())
  if (!match) return []
  const [, name = '', value = ''] = match
  return [[name, value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\([$"'`\\])/g, '$1')]]
}

/** For scripts: sets `family` the way Os.family is told, since a host can have the tools of both. */
export const familyScript = `family=; f=/etc/os-release; [ -r $f ] || f=/usr/lib/os-release
i=' '; [ ! -r $f ] || while IFS== read -r k v; do
  case $k in ID|ID_LIKE) v=\${v#[\\"\\']}; i="$i\${v%[\\"\\']} ";; esac
done <$f
case $i in
  *' debian '*|*' ubuntu '*) family=debian;;
  *' rhel '*|*' fedora '*|*' centos '*|*' rocky '*|*' almalinux '*|*' ol '*|*' openEuler '*) family=rhel;; esac`

const familyOf = (ids: readonly string[]): Os['family'] => {
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian'
  if (ids.some((id) => ['rhel', 'fedora', 'centos', 'rocky', 'almalinux', 'ol', 'openEuler'].includes(id)))
    return 'rhel'
  return null
}
