// Kernel settings: their value now, and the one that a file sets at the next boot.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { raw, sh } from '../text/sh.js'
import { readOnly } from './mint.js'

const kind: Kind<string, string | null> = {
  name: 'sysctl',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  // dash's `read` goes through /proc/sys byte by byte, and a large argument list is one grep either way.
  ask: (names) => readOnly(sh`grep -sH '' -- ${names.map(procPath)}; [ $? -lt 2 ] || true`),
  tell: ({ stdout }, names) => {
    const values = new Map<string, string>()
    for (const line of stdout.toString('utf8').split('\n')) {
      const [, path = '', value = ''] = /^(\/proc\/sys\/[^:]+):(.*)$/.exec(line) ?? []
      values.set(path, values.has(path) ? `${values.get(path)}\n${value}` : value)
    }
    return names.map((name) => {
      const value = values.get(procPath(name))
      return known(value === undefined ? null : plainValue(value))
    })
  },
}

/** As `sysctl -n` prints it, blanks and tabs as one blank; null: this kernel has no such setting (yet). */
export const sysctlValue = (name: string): Fact<string | null> => fact(kind, name)

/** `4096\t87380` → `4096 87380`: the kernel takes either. */
export const plainValue = (value: string): string => value.trim().replaceAll(/[ \t]+/g, ' ')

/** `net.ipv4.ip_forward` or, where a name has dots in it, `net/ipv4/conf/eth0.1/rp_filter` (sysctl.d(5)). */
const procPath = (name: string): string => `/proc/sys/${sysctlKey(name)}`

/** The name in slashes, as in /proc/sys. */
export const sysctlKey = (name: string): string => {
  const first = /[./]/.exec(name)?.[0]
  if (first === '/' || first === undefined) return name
  return name.replaceAll(/[./]/g, (char) => (char === '.' ? '/' : '.'))
}

/** A line of a sysctl.d file that sets something. */
export interface SysctlLine {
  readonly file: string
  /** The file itself, where `file` is a link: /etc/sysctl.conf. */
  readonly target: string
  /** In slashes; may hold `*` and `?`. */
  readonly key: string
  /** null: `-key` alone, which takes the key out of later globs. */
  readonly value: string | null
}

/** In the order in which they are applied at boot, masked files left out. */
export type SysctlLines = readonly SysctlLine[]

const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d']

const patterns = folders.map((folder) => `${folder}/*.conf`).join(' ')

const linesKind: Kind<null, SysctlLines> = {
  name: 'sysctl files',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  // Only what is a link, or lies in one, costs a readlink.
  ask: () =>
    readOnly(
      raw(`c=; for f in ${patterns}; do
  [ -e "$f" ] || [ -L "$f" ] || continue
  d=\${f%/*}; [ "$d" = "$c" ] || { c=$d; cd -P "$d" || return; }
  if [ -L "$f" ]; then t=$(readlink -f "$f"); else t=$PWD/\${f##*/}; fi
  printf '%s\\0%s\\0' "$f" "$t"
done; printf '\\0'; cd /
grep -sHZ '^[[:space:]]*[^#;[:space:]]' ${patterns} || true`),
    ),
  tell: ({ stdout, status }, args) => {
    const text = stdout.toString('utf8')
    const end = text.startsWith('\0') ? 0 : text.indexOf('\0\0') + 1
    if (status !== 0 || (end === 0 && !text.startsWith('\0')))
      return args.map(() => unreadable('sysctl files: no answer'))
    const lines = inOrder(text.slice(0, end).split('\0').slice(0, -1), text.slice(end + 1))
    return args.map(() => known(lines))
  },
}

/** What systemd-sysctl reads at boot (sysctl.d(5)); /etc/sysctl.conf only where a link in sysctl.d names it. */
export const sysctlLines = (): Fact<SysctlLines> => fact(linesKind, null)

/** A file hides those of the same name in the folders after its own; all are read in the order of their names. */
const inOrder = (paths: readonly string[], grepped: string): SysctlLines => {
  const byName = new Map<string, { readonly file: string; readonly target: string }>()
  for (let at = 0; at < paths.length; at += 2) {
    const [file = '', target = ''] = paths.slice(at, at + 2)
    if (!byName.has(baseName(file))) byName.set(baseName(file), { file, target })
  }
  const texts = new Map<string, string[]>()
  for (const record of grepped.split('\n')) {
    const [file = '', line] = record.split('\0')
    if (line !== undefined) texts.set(file, [...(texts.get(file) ?? []), line])
  }
  return [...byName]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, place]) => (texts.get(place.file) ?? []).flatMap((line) => parseLine(place, line)))
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** What a line sets; nothing for a comment. */
export const assignment = (line: string): Pick<SysctlLine, 'key' | 'value'> | null => {
  const match = /^\s*-?\s*([^\s=#;][^\s=]*)\s*(?:=(.*))?$/.exec(line)
  if (!match?.[1]) return null
  return { key: sysctlKey(match[1]), value: match[2] === undefined ? null : plainValue(match[2]) }
}

const parseLine = (place: { readonly file: string; readonly target: string }, line: string): SysctlLines => {
  const set = assignment(line)
  return set ? [{ ...place, ...set }] : []
}

/** The lines of files that sort after `file` and name the setting itself: at boot the last of them beats the file's. */
export const linesAfter = (
  lines: SysctlLines,
  { file, name }: { readonly file: string; readonly name: string },
): SysctlLines => lines.filter((line) => line.key === sysctlKey(name) && baseName(line.file) > baseName(file))
