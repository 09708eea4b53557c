// Everything on a host that a plan could have announced: files with mode, owner and hash, packages, holds, units, sysctls.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Lab } from './lab.js'

export interface HostSnapshot {
  /** Path → `type mode owner hash`. */
  readonly files: ReadonlyMap<string, string>
  /** Name → version, with ` held`. */
  readonly packages: ReadonlyMap<string, string>
  /** Unit → `enabled active`. */
  readonly units: ReadonlyMap<string, string>
  readonly sysctls: ReadonlyMap<string, string>
  /** Files that packages own. */
  readonly owned: ReadonlySet<string>
  /** Packages that came as dependencies. */
  readonly automatic: ReadonlySet<string>
}

// /run, /proc, /sys, /dev and /tmp are gone after a boot; what a kernel or a cluster writes all the time is no plan's matter.
const script = (times: 'without-times' | 'with-times'): string => `
set -u
t=${times === 'with-times' ? '@%T@' : ''}
prune='( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/containerd
 -o -path /var/lib/etcd -o -path /var/lib/kubelet )'
find / -xdev $prune -prune -o ! -type d -printf "%y %m %u:%g$t %p\\n" -o -type d -printf "d %m %u:%g$t %p\\n" | LC_ALL=C sort -k4 >/tmp/khactl-paths
echo @files; cat /tmp/khactl-paths
echo @hashes; find / -xdev $prune -prune -o -type f -print0 | xargs -0 sha256sum 2>/dev/null
echo @packages
if command -v dpkg-query >/dev/null 2>&1; then dpkg-query -W -f '\${Package} \${Version} \${db:Status-Want}\\n'; else
 rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE} install\\n'; fi
echo @units; systemctl list-unit-files --type=service,timer,socket,swap --no-legend --no-pager | awk '{print $1, $2}' |
 while read -r u s; do echo "$u $s $(systemctl is-active "$u" 2>/dev/null)"; done
echo @sysctls; sysctl -a 2>/dev/null | grep -E '^(net.ipv4.ip_forward|net.bridge|vm.overcommit|vm.swappiness|kernel.panic|net.ipv4.ip_nonlocal)' | sed 's/ = / /'
echo @owned; if command -v dpkg-query >/dev/null 2>&1; then dpkg-query -L $(dpkg-query -W -f '\${Package} '); else rpm -qal; fi 2>/dev/null | sort -u
echo @automatic; if command -v apt-mark >/dev/null 2>&1; then apt-mark showauto; else rpm -qa --qf '%{NAME}\\n'; fi
rm -f /tmp/khactl-paths
`

/** `with-times`: the time of the last change belongs to what is compared. */
export const snapshot = async (
  lab: Lab,
  host: string,
  times: 'without-times' | 'with-times' = 'without-times',
): Promise<HostSnapshot> => {
  const text = await lab.on(host, script(times))
  const part = (name: string): readonly string[] =>
    (text.split(`@${name}\n`)[1] ?? '')
      .split(/^@/m)[0]
      ?.split('\n')
      .filter((line) => line !== '') ?? []
  const hashes = new Map(part('hashes').map((line) => [line.slice(66), line.slice(0, 64)]))
  return {
    files: new Map(
      part('files').map((line) => {
        const [type = '', mode = '', owner = '', ...path] = line.split(' ')
        const name = path.join(' ')
        return [name, `${type} ${mode} ${owner} ${hashes.get(name) ?? ''}`.trim()]
      }),
    ),
    packages: pairs(part('packages')),
    units: pairs(part('units')),
    sysctls: pairs(part('sysctls')),
    owned: new Set(part('owned')),
    automatic: new Set(part('automatic')),
  }
}

const pairs = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]))

/** Keys whose value is not the same, with both. */
export const differences = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ReadonlyMap<string, { readonly from: string | undefined; readonly to: string | undefined }> => {
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  return new Map(
    keys
      .filter((key) => before.get(key) !== after.get(key))
      .map((key) => [key, { from: before.get(key), to: after.get(key) }]),
  )
}

const fileOf = (lab: Lab): string => join(dirname(lab.inventory), 'bare.json')
const parts = ['files', 'packages', 'units', 'sysctls'] as const
type Kept = Record<(typeof parts)[number], [string, string][]> & { owned: string[]; automatic: string[] }

/** For a later file of tests on the same lab. */
export const keepSnapshots = (lab: Lab, snapshots: ReadonlyMap<string, HostSnapshot>): void => {
  const kept = [...snapshots].map(([host, one]): [string, Kept] => [
    host,
    {
      files: [...one.files],
      packages: [...one.packages],
      units: [...one.units],
      sysctls: [...one.sysctls],
      owned: [...one.owned],
      automatic: [...one.automatic],
    },
  ])
  writeFileSync(fileOf(lab), JSON.stringify(kept))
}

/** Of the hosts as they were before the first `up`; empty when no earlier file kept them. */
export const loadSnapshots = (lab: Lab): Map<string, HostSnapshot> => {
  if (!existsSync(fileOf(lab))) return new Map()
  const kept = JSON.parse(readFileSync(fileOf(lab), 'utf8')) as [string, Kept][]
  return new Map(
    kept.map(([host, one]) => [
      host,
      {
        files: new Map(one.files),
        packages: new Map(one.packages),
        units: new Map(one.units),
        sysctls: new Map(one.sysctls),
        owned: new Set(one.owned),
        automatic: new Set(one.automatic),
      },
    ]),
  )
}
