// Whether the kernel has a module: loaded, built in, or to be had with modprobe.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

/** `present`: loaded or built in. `loadable`: modprobe would find it. `absent`: no sign of it. */
export type ModuleState = 'present' | 'loadable' | 'absent'

/** Built-in modules show in /sys/module only when they have parameters; these leave other traces. */
const traces: Readonly<Record<string, string>> = {
  br_netfilter: '/proc/sys/net/bridge',
  nf_conntrack: '/proc/sys/net/netfilter',
}

const kind: Kind<string, ModuleState> = {
  name: 'kernel module',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  // modprobe -n changes nothing. Names are resolved by modinfo, which knows aliases (nf_conntrack_ipv4 is gone since 4.19).
  ask: (names) =>
    readOnly(sh`read -r r </proc/sys/kernel/osrelease; b=/lib/modules/$r/modules.builtin
has() {
  [ -e "/sys/module/$1" ] || { [ -n "$2" ] && [ -e "$2" ]; } || grep -qs "[[:space:]]$1$" /proc/filesystems ||
    grep -qs "/$1\.ko" "$b" || grep -qs "/$(echo "$1" | tr _ -)\.ko" "$b"
}
tell() {
  if has "$1" "$2"; then echo present; return; fi
  case $(modinfo -F filename "$1" 2>/dev/null) in
    '(builtin)') echo present;;
    ?*) echo loadable;;
    *) echo absent;;
  esac
}
set -- ${names.flatMap((name) => [name.replaceAll('-', '_'), traces[name] ?? ''])}
while [ $# -gt 0 ]; do tell "$1" "$2"; shift 2; done`),
  tell: ({ stdout }, names) => {
    const lines = stdout.toString('utf8').split('\n')
    return names.map((name, index) => {
      const line = lines[index]
      return line === 'present' || line === 'loadable' || line === 'absent'
        ? known<ModuleState>(line)
        : unreadable(`kernel module ${name}: no answer`)
    })
  },
}

/** Of the running kernel; the name as modprobe takes it. */
export const kernelModule = (name: string): Fact<ModuleState> => fact(kind, name)
