// The text of a small file that belongs to somebody else and is edited in place: /etc/hosts, /etc/fstab.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { sh } from '../text/sh.js'
import { readOnly } from './mint.js'

const mostBytes = 256 * 1024

const kind: Kind<string, string | null> = {
  name: 'text',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  ask: (paths) =>
    readOnly(
      sh`for p in ${paths}; do [ -e "$p" ] || { echo absent; continue; }; head -c ${mostBytes + 1} -- "$p" | base64 -w 0; echo; done`,
    ),
  tell: ({ stdout }, paths) => {
    const lines = stdout.toString('latin1').split('\n')
    return paths.map((path, index) => {
      const line = lines[index]
      if (line === undefined || index >= lines.length - 1) return unreadable(`${path}: could not be read`)
      if (line === 'absent') return known(null)
      const bytes = Buffer.from(line, 'base64')
      return bytes.length > mostBytes
        ? unreadable(`${path} is larger than ${mostBytes / 1024} KiB`)
        : known(bytes.toString('utf8'))
    })
  },
}

/** null: there is no such file. */
export const textOf = (path: string): Fact<string | null> => fact(kind, path)
