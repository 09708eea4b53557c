// A boolean of SELinux where it enforces: whether it is on now and after a reboot. Read from files, so it works without tools.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/** `irrelevant`: SELinux is not there or does not enforce, or its policy has no such boolean. */
export type SelinuxBoolean = 'irrelevant' | 'off' | 'on until reboot' | 'on'

// Small files, read without a process. What the kernel tells has no end of line, so a read of it fails, and has read it.
const functions = `f=/sys/fs/selinux; enforce=-; [ ! -r $f/enforce ] || read -r enforce <$f/enforce
boolean() {
  now=; [ ! -r "$f/booleans/$1" ] || read -r now _ <"$f/booleans/$1"
  kept=; for s in /var/lib/selinux/*/active/booleans.local /etc/selinux/*/active/booleans.local; do
    [ -r "$s" ] || continue
    while IFS== read -r name value || [ -n "$name" ]; do [ "$name" != "$1" ] || kept=$value; done <"$s"
  done
  echo "$enforce" "$now" ",$kept"
}`

const kind: Kind<string, SelinuxBoolean> = {
  name: 'selinux boolean',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: (names) => readOnly(join([raw(functions), ...names.map((name) => sh`boolean ${name}`)], '\n')),
  tell: ({ stdout }, names) => {
    const lines = stdout.toString('utf8').split('\n')
    return names.map((name, index) => {
      const line = lines[index]
      return line === undefined || line === ''
        ? unreadable(`selinux boolean: ${name} could not be read`)
        : known(parseBoolean(line))
    })
  },
}

export const selinuxBoolean = (name: string): Fact<SelinuxBoolean> => fact(kind, name)

/** `enforce now ,kept` */
export const parseBoolean = (line: string): SelinuxBoolean => {
  const [enforce, now] = line.split(' ')
  if (enforce !== '1' || (now !== '0' && now !== '1')) return 'irrelevant'
  if (now === '0') return 'off'
  return line.endsWith(',1') ? 'on' : 'on until reboot'
}
