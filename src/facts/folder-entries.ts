// What lies in folders: their entries by name, without going deeper.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface FolderEntries {
  readonly path: string
  /** Names, in no order. */
  readonly entries: readonly string[]
}

const kind: Kind<string, readonly FolderEntries[]> = {
  name: 'folder entries',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  ask: (patterns) =>
    readOnly(sh`IFS=
for g in ${patterns}; do printf '@%s\0' "$g"
  for d in $g; do
    [ -d "$d" ] && [ ! -L "$d" ] || continue
    printf 'd%s\0' "$d"
    for e in "$d"/* "$d"/.[!.]* "$d"/..?*; do [ -e "$e" ] || [ -L "$e" ] || continue; printf 'e%s\0' "\${e##*/}"; done
  done
done
printf end`),
  tell: ({ stdout }, patterns) => {
    const records = stdout.toString('utf8').split('\0')
    if (records.at(-1) !== 'end') return patterns.map(() => unreadable('folder entries: the answer was cut off'))
    const found = new Map<string, { path: string; entries: string[] }[]>()
    let current: { path: string; entries: string[] }[] = []
    for (const record of records.slice(0, -1))
      if (record.startsWith('@')) found.set(record.slice(1), (current = []))
      else if (record.startsWith('d')) current.push({ path: record.slice(1), entries: [] })
      else current.at(-1)?.entries.push(record.slice(1))
    return patterns.map((pattern) => known(found.get(pattern) ?? []))
  },
}

/** Of every folder that the pattern of the shell names; links are left out. */
export const folderEntries = (pattern: string): Fact<readonly FolderEntries[]> => fact(kind, pattern)
