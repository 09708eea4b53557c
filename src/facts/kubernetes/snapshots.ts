// The snapshots of a cluster's etcd on the operator's machine: names, times and whether they are whole, never what they hold.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Snapshots {
  /** Names of whole ones, oldest first. */
  readonly names: readonly string[]
  /** Seconds since the newest was taken; null: there is none. */
  readonly age: number | null
}

export interface SnapshotsOf {
  readonly cluster: string
  readonly folder: string
}

const stamp = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/

/** Seconds since 1970, of `etcd-CLUSTER-YYYYmmddTHHMMSSZ.db`; null: another name. */
const takenAt = (name: string, cluster: string): number | null => {
  const [all, year, month, day, hour, minute, second] = stamp.exec(name) ?? []
  if (all === undefined || name !== `etcd-${cluster}${all}`) return null
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000
}

/** etcd appends a sha256 to a database of whole pages: a file of another size was cut. */
const isWhole = (bytes: number): boolean => bytes > 32 && bytes % 512 === 32

/** `SIZE NAME` a line, and `now SECONDS`. */
export const parseSnapshots = (text: string, cluster: string): Snapshots | null => {
  const lines = text.split('\n').map((line) => line.trim().split(' '))
  const now = lines.find(([word]) => word === 'now')?.[1]
  if (now === undefined) return null
  const found = lines
    .flatMap(([size = '', name = '']) => {
      const at = takenAt(name, cluster)
      return at !== null && isWhole(Number(size)) ? [{ name, at }] : []
    })
    .toSorted((left, right) => left.at - right.at)
  const newest = found.at(-1)
  return { names: found.map(({ name }) => name), age: newest ? Math.max(0, Number(now) - newest.at) : null }
}

const kind: Kind<SnapshotsOf, Snapshots> = {
  name: 'etcd snapshots',
  stays: 'world',
  cost: 'cheap',
  within: 10_000,
  ask: (wanted) => {
    const parts = wanted.flatMap(
      ({ cluster, folder }) =>
        sh`for f in ${folder}/etcd-${cluster}-*.db; do [ -f "$f" ] && [ -r "$f" ] && echo "$(wc -c <"$f")" "\${f##*/}"; done
date +'now %s'; printf '\0'
`.parts,
    )
    return readOnly({ parts })
  },
  tell: ({ stdout, stderr }, wanted) => {
    const texts = stdout.toString('utf8').split('\0')
    return wanted.map(({ cluster, folder }, index) => {
      const read = parseSnapshots(texts[index] ?? '', cluster)
      return read === null ? unreadable(`${folder}: ${stderr.toString('utf8').trim()}`) : known(read)
    })
  },
}

/** Of the operator's machine. */
export const snapshots = (of: SnapshotsOf): Fact<Snapshots> => fact(kind, of, 'operator')
