// Servers that a run took out of haproxy's rotation and did not put back: files named after them.
import { fact, known, type Fact, type Kind } from '../../model/fact.js'
import { sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

const kind: Kind<string, readonly string[]> = {
  name: 'rotation marks',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: (folders) =>
    readOnly(
      sh`for d in ${folders}; do for f in "$d"/* "$d"/.[!.]*; do [ ! -e "$f" ] || printf '%s\n' "\${f##*/}"; done; printf '\0'; done`,
    ),
  tell: ({ stdout }, folders) => {
    const lists = stdout.toString('utf8').split('\0')
    return folders.map((_, index) => known((lists[index] ?? '').split('\n').filter((line) => line !== '')))
  },
}

export const rotationMarks = (folder: string): Fact<readonly string[]> => fact(kind, folder)
