// Files of sysctl.d in which khactl commented lines out, behind its mark.
import { fact, known, unreadable, type Fact, type Kind } from '../model/fact.js'
import { raw } from '../text/sh.js'
import { readOnly } from './mint.js'

const kind: Kind<null, readonly string[]> = {
  name: 'marked files',
  stays: 'host',
  cost: 'cheap',
  within: 10_000,
  ask: () =>
    readOnly(
      raw(
        `for f in $(grep -ls '^# khactl: ' /etc/sysctl.conf /etc/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf); do readlink -f "$f"; done | sort -u; echo end`,
      ),
    ),
  tell: ({ stdout }, args) => {
    const lines = stdout.toString('utf8').split('\n')
    const seen =
      lines.at(-2) === 'end' ? known(lines.slice(0, -2)) : unreadable('sysctl.d: the files could not be looked through')
    return args.map(() => seen)
  },
}

/** Real paths. */
export const markedFiles = (): Fact<readonly string[]> => fact(kind, null)
