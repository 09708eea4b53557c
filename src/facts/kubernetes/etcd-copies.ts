// Copies of etcd's data folder that rebuilds left beside it: whole ones, oldest first.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/** The folder's name ends in the time of the copy, of which an unfinished one has `.part` behind it. */
export const parseEtcdCopies = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => /-before-rebuild-\d{8}T\d{6}Z$/.test(line))
    .toSorted()

const kind: Kind<null, readonly string[]> = {
  name: 'copies of etcd',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: () =>
    readOnly(raw(`for d in /var/lib/etcd-before-rebuild-*; do [ -d "$d/member" ] && echo "$d"; done\necho end`)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const seen = text.endsWith('end\n')
      ? known(parseEtcdCopies(text))
      : unreadable(`copies of etcd: ${stderr.toString('utf8').trim()}`)
    return args.map(() => seen)
  },
}

export const etcdCopies = (): Fact<readonly string[]> => fact(kind, null)
