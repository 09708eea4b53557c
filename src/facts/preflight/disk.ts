// Free space and free inodes of the file system that a path is or will be on.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface Disk {
  /** Where the file system is mounted. */
  readonly mount: string
  readonly freeMiB: number
  /** null: the file system has no fixed number of them (btrfs). */
  readonly freeInodes: number | null
}

const kind: Kind<string, Disk> = {
  name: 'disk',
  stays: 'host',
  cost: 'cheap',
  within: 15_000,
  // df prints a row for each argument, also where several are on one file system.
  ask: (paths) => readOnly(join([sh`set -- ${paths}`, raw(script)], '\n')),
  tell: ({ stdout }, paths) => {
    // The header says Filesystem in the C locale, which scripts run with.
    const lines = stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => !line.startsWith('Filesystem '))
    return paths.map((path, index) => {
      const disk = parseDisk(lines[index], lines[paths.length + index])
      return disk ? known(disk) : unreadable(`disk: df does not know ${path}`)
    })
  },
}

const script = `for p do shift
  while [ ! -e "$p" ]; do p=\${p%/*}; [ -n "$p" ] || p=/; done
  set -- "$@" "$p"
done
df -P -k -- "$@"; df -P -i -- "$@"`

/** Of the nearest folder above that exists. */
export const disk = (path: string): Fact<Disk> => fact(kind, path)

/** `/dev/vda 264212084 25170756 81220156 24% /` in KiB, and the same in inodes. */
export const parseDisk = (space: string | undefined, inodes: string | undefined): Disk | null => {
  const row = /\s(\d+)\s+(\d+)\s+(\d+)\s+\S+\s+(\/.*)$/
  const [, , , free, mount] = row.exec(space ?? '') ?? []
  if (free === undefined || mount === undefined) return null
  const [, total, , left] = row.exec(inodes ?? '') ?? []
  return {
    mount,
    freeMiB: Math.floor(Number(free) / 1024),
    freeInodes: left === undefined || total === '0' ? null : Number(left),
  }
}
