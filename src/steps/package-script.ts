// What installs packages on a host: waits for locks, mends an interrupted dpkg, installs in one call, holds. Runs as a job.
import type { Command } from '../model/command.js'
import { join, raw, sh } from '../text/sh.js'

export interface Installation {
  /** Empty: only hold. */
  readonly install: readonly Wanted[]
  /** Names that came as files only because others need them: not installed on their own account. */
  readonly automatic: readonly string[]
  /** Names to be held afterwards. */
  readonly hold: readonly string[]
  /** `tolerant`: repositories of the host that do not answer are passed over (package files were sent). */
  readonly repositories: 'needed' | 'tolerant'
}

export type Wanted =
  /** version null: the newest. */
  | { readonly from: 'repository'; readonly name: string; readonly version: string | null }
  /** A file on the host. */
  | { readonly from: 'file'; readonly path: string }

/**
 * SYSTEMD_OFFLINE: nothing is started or restarted behind our back (R-I5); units are started by their steps, once their
 * configuration is there. Locks are waited for, and neither they nor who holds them are ever removed (R-O1).
 */
export const prelude = `set -u
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none SYSTEMD_OFFLINE=1
say() { printf 'khactl: %s\\n' "$*"; }
holder() {
  for f; do
    [ -e "$f" ] || continue
    i=$(stat -c %i "$f")
    p=$(awk -v i="$i" '{ n = split($6, a, ":"); if (a[n] == i && $5 > 0) { print $5; exit } }' /proc/locks)
    [ -z "$p" ] || { echo "$p"; return 0; }
  done
  return 1
}
wait_for() {
  t=0
  while p=$(holder "$@"); do
    c=$(tr '\\0' ' ' <"/proc/$p/cmdline" 2>/dev/null)
    [ $((t%10)) -ne 0 ] || say "waiting for the package manager's lock, held by process $p: $c($t s)"
    [ "$t" -lt 600 ] || { say "the lock is still held by process $p after 10 minutes: $c"; exit 75; }
    sleep 1; t=$((t+1))
  done
}
`

export const aptScript = ({ install, automatic, hold, repositories }: Installation): Command =>
  join(
    [
      raw(prelude + aptFunctions),
      ...(install.length === 0 ? [] : [raw('mend'), ...install.map(aptWanted), raw(aptInstall(repositories))]),
      ...(automatic.length === 0 ? [] : [sh`apt-mark auto ${automatic} || exit 1`]),
      ...(hold.length === 0 ? [] : [sh`wait_for $dpkg_locks; apt-mark hold ${hold} || exit 1`]),
    ],
    '\n',
  )

/** Only this source: the lists of the host's own repositories stay as they are. */
export const aptUpdateScript = (sourceFile: string): Command =>
  join(
    [
      raw(prelude + aptFunctions),
      sh`update -o ${`Dir::Etc::SourceList=${sourceFile}`} -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=0`,
    ],
    '\n',
  )

const aptWanted = (wanted: Wanted): Command =>
  wanted.from === 'file' ? sh`give ${wanted.path}` : sh`want ${wanted.name} ${wanted.version ?? ''}`

// `madison` lists the newest first. A version matches whole, without its epoch, or by its upstream part.
export const aptFunctions = `dpkg_locks='/var/lib/dpkg/lock-frontend /var/lib/dpkg/lock'
apt() {
  wait_for $dpkg_locks /var/cache/apt/archives/lock
  apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \\
    -o Dpkg::Use-Pty=0 --no-install-recommends --allow-change-held-packages "$@"
}
update() {
  say 'fetching the package lists'
  while :; do
    wait_for /var/lib/apt/lists/lock
    apt-get -q update "$@" && return 0
    holder /var/lib/apt/lists/lock >/dev/null || return 1
  done
}
resolve() {
  apt-cache madison "$1" | awk -F' *[|] *' -v want="$2" '$3 ~ /Packages$/ {
    v = $2; e = v; sub(/^[0-9]+:/, "", e); u = e; sub(/-[^-]*$/, "", u)
    if (want == "" || want == v || want == e || want == u) { print v; exit } }'
}
mend() {
  wait_for $dpkg_locks
  if [ -n "$(dpkg --audit)" ] || [ -n "$(ls /var/lib/dpkg/updates)" ]; then
    say 'an earlier run of dpkg was interrupted: dpkg --configure -a'
    dpkg --force-confdef --force-confold --configure -a || exit 1
  fi
}
specs= updated=
want() {
  v=$(resolve "$1" "$2")
  if [ -z "$v" ] && [ -z "$updated" ]; then updated=1; update || true; v=$(resolve "$1" "$2"); fi
  if [ -z "$v" ]; then
    others=$(apt-cache madison "$1" | awk -F' *[|] *' '{ printf "%s%s", c, $2; c = ", " }')
    say "no repository of this host has $1\${2:+ $2}\${others:+, only $others}"
    exit 1
  fi
  specs="$specs $1\${2:+=$v}"
}
give() { specs="$specs $1"; }
`

// apt-get fetches all it installs before it changes anything. When it failed and nothing is half installed, the lists may have
// gone stale: once more with new ones.
const aptInstall = (repositories: Installation['repositories']) => `
if ! apt install $specs; then
  [ -z "$updated" ] && [ -z "$(dpkg --audit)" ] || exit 1
  update${repositories === 'tolerant' ? ' || true' : ' || exit 1'}
  apt install $specs || exit 1
fi
env -u SYSTEMD_OFFLINE systemctl daemon-reload`

export const dnfScript = ({ install, automatic, hold, repositories }: Installation): Command =>
  join(
    [
      raw(prelude + dnfFunctions),
      ...(install.length === 0
        ? []
        : [
            raw('wait_for /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock'),
            sh`"$dnf" -y ${repositories === 'tolerant' ? ['--setopt=*.skip_if_unavailable=True'] : []} --setopt=install_weak_deps=False --disableplugin=versionlock install ${install.map(dnfSpec)} || exit 1`,
            raw('env -u SYSTEMD_OFFLINE systemctl daemon-reload'),
          ]),
      // dnf 5 has another word for it, and a wrong reason of installation harms nobody.
      ...(automatic.length === 0 ? [] : [sh`"$dnf" -y mark remove ${automatic} || true`]),
      ...hold.map((name) => sh`lock ${name} ${name.replaceAll(/[.+*?]/g, '\\$&')}`),
    ],
    '\n',
  )

const dnfSpec = (wanted: Wanted): string => {
  if (wanted.from === 'file') return wanted.path
  return wanted.version === null ? wanted.name : `${wanted.name}-${wanted.version}`
}

// Lines as versionlock writes them. It is not called: it would fetch every repository's metadata first.
const dnfFunctions = `dnf=$(command -v dnf || command -v yum) || { say 'this host has neither dnf nor yum'; exit 1; }
lock() {
  list=/etc/dnf/plugins/versionlock.list
  [ -e /etc/dnf/plugins/versionlock.conf ] || list=/etc/yum/pluginconf.d/versionlock.list
  line=$(rpm -q --qf '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.*\\n' "$1" | tail -n 1) || exit 1
  touch "$list" && cp -p "$list" "$list.khactl" || exit 1
  { grep -vE "^([0-9]+:)?$2-([0-9]+:)?[0-9][^-]*-[^-]*$" "$list" || [ $? -eq 1 ]; echo "$line"; } >"$list.khactl" &&
    mv -f "$list.khactl" "$list" || exit 1
  say "held: $line"
}
`
