// Which files lie where khactl writes its own, and which of them say so in their first lines.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

export interface PlacedFile {
  readonly path: string
  /** `ours`: a regular file whose first lines say `Written by khactl`. */
  readonly line: 'ours' | 'none'
}

const kind: Kind<string, readonly PlacedFile[]> = {
  name: 'own files',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  // IFS is empty: a name with blanks stays one word, while the pattern is still expanded.
  ask: (patterns) =>
    readOnly(sh`IFS=
for g in ${patterns}; do printf '@%s\0' "$g"
  for p in $g; do
    [ -L "$p" ] && { printf 'none %s\0' "$p"; continue; }
    [ -e "$p" ] && [ ! -d "$p" ] || continue
    w=none; [ -f "$p" ] && head -n 3 -- "$p" | grep -qa 'Written by khactl' && w=ours
    printf '%s %s\0' "$w" "$p"
  done
done
printf end`),
  tell: ({ stdout }, patterns) => {
    const records = stdout.toString('utf8').split('\0')
    if (records.at(-1) !== 'end') return patterns.map(() => unreadable('own files: the answer was cut off'))
    const found = new Map<string, PlacedFile[]>()
    let current: PlacedFile[] = []
    for (const record of records.slice(0, -1))
      if (record.startsWith('@')) found.set(record.slice(1), (current = []))
      else current.push({ path: record.slice(5), line: record.startsWith('ours ') ? 'ours' : 'none' })
    return patterns.map((pattern) => known(found.get(pattern) ?? []))
  },
}

/** A pattern of the shell; folders are left out. */
export const placedFiles = (pattern: string): Fact<readonly PlacedFile[]> => fact(kind, pattern)
