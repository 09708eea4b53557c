// Whether the package manager is busy or was interrupted: who holds its lock, and which packages are half installed.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface PackageManager {
  /** Command line of the process that holds a lock; null: nobody. */
  readonly holder: { readonly pid: number; readonly command: string } | null
  /** dpkg was interrupted, or left packages half done; dnf has none of this. */
  readonly unfinished: readonly string[]
}

// /proc/locks names the lock by its inode. The files dpkg leaves in updates/ are what apt itself goes by.
// Builtins where they do: each program costs a millisecond on every look.
const script = `i=$(stat -c %i /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock 2>/dev/null)
told=' '
holder() {
  case $told in *" $1 "*) return;; esac
  told="$told$1 "; [ ! -d "/proc/$1" ] || echo "holder $1 $(tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)"
}
# A waiter's line has an arrow before its kind.
[ -z "$i" ] || while read -r _ k _ _ p n _; do
  [ "$k" != '->' ] || continue
  for l in $i; do case $n in *:"$l") holder "$p";; esac; done
done </proc/locks
for f in /var/run/dnf.pid /var/run/yum.pid; do p=; [ ! -r $f ] || read -r p <$f || :; [ -z "$p" ] || holder "$p"; done
for f in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$f" ] || { echo 'unfinished dpkg'; break; }; done
s=/var/lib/dpkg/status
if [ -e $s ]; then
  sed -n '/^Package: /{s///;h;}; /^Status: .* \\(half-[a-z]*\\|unpacked\\|triggers-[a-z]*\\)$/{x;s/^/unfinished /p;}' $s
fi
echo end`

const kind: Kind<null, PackageManager> = {
  name: 'package manager',
  stays: 'moment',
  cost: 'cheap',
  within: 10_000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parsePackageManager(text))
      : unreadable(`package manager: ${stderr.toString('utf8').trim().slice(0, 200)}`)
    return args.map(() => seen)
  },
}

export const packageManager = (): Fact<PackageManager> => fact(kind, null)

export const parsePackageManager = (text: string): PackageManager => {
  const holder = /^holder (\d+) (.*)$/m.exec(text)
  return {
    holder: holder ? { pid: Number(holder[1]), command: (holder[2] ?? '').trim() } : null,
    unfinished: [...text.matchAll(/^unfinished (.*)$/gm)].map((match) => match[1] ?? ''),
  }
}
