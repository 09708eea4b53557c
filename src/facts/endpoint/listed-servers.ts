// The servers that haproxy.cfg, as it lies there, names for one backend: who was put in or taken out by an earlier run.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'

export interface ListedIn {
  readonly path: string
  readonly backend: string
}

const kind: Kind<ListedIn, readonly string[]> = {
  name: 'listed servers',
  stays: 'host',
  cost: 'cheap',
  within: 5000,
  ask: (args) =>
    readOnly(
      sh`bad=; for p in ${args.map(({ path }) => path)}; do [ ! -e "$p" ] || cat -- "$p" || bad=y; printf '\0'; done; [ -z "$bad" ]`,
    ),
  tell: ({ stdout, stderr, status }, args) => {
    const texts = stdout.toString('utf8').split('\0')
    return args.map(({ path, backend }, index) =>
      status !== 0 || index >= texts.length - 1
        ? unreadable(`${path}: ${stderr.toString('utf8').trim()}`)
        : known(parseListed(texts[index] ?? '', backend)),
    )
  },
}

/** Empty where there is no file. */
export const listedServers = (of: ListedIn): Fact<readonly string[]> => fact(kind, of)

export const parseListed = (text: string, backend: string): readonly string[] => {
  const words = text.split('\n').map((line) => line.trim().split(/\s+/))
  const sections = ['global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'resolvers', 'userlist', 'program']
  let inside = false
  const found: string[] = []
  for (const [first = '', second = ''] of words) {
    if (sections.includes(first)) inside = first === 'backend' && second === backend
    else if (inside && first === 'server') found.push(second)
  }
  return found
}
