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
const script = `i=$(stat -c %i /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock 2>/dev/null)
i=$(echo $i | tr ' ' '|')
{ [ -z "$i" ] || sed -En "s/.* ([0-9]+) [0-9a-f]+:[0-9a-f]+:($i) .*/\\1/p" /proc/locks
  for f in /var/run/dnf.pid /var/run/yum.pid; do [ ! -r $f ] || cat $f; done
} | sort -u | while read -r p; do [ ! -d "/proc/$p" ] || echo "holder $p $(tr '\\0' ' ' <"/proc/$p/cmdline" 2>/dev/null)"; done
for f in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$f" ] || { echo 'unfinished dpkg'; break; }; done
s=/var/lib/dpkg/status
if [ -e $s ] && grep -qE '^Status: .* (half-|unpacked|triggers-)' $s; then
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
