// What keepalived complained of since it last read its configuration: it disables a script it dislikes and goes on (R-L2).
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/** What may not be said while a configuration is read (R-L2); for grep -E and RegExp alike, without regard to case. */
export const complaint = 'disabled|disabling|ignoring|unsafe|security violation'

/** At run time it may well ignore a packet of a stranger. */
const lasting = /disabled|disabling|unsafe|security violation/i

const kind: Kind<null, readonly string[]> = {
  name: 'keepalived journal',
  stays: 'moment',
  cost: 'cheap',
  within: 10_000,
  ask: () => readOnly(raw('journalctl -q -b -u keepalived.service -n 200 -o cat --no-pager')),
  tell: ({ stdout, stderr, status }, args) => {
    if (status !== 0) return args.map(() => unreadable(`keepalived journal: ${stderr.toString('utf8').trim()}`))
    const complaints = parseComplaints(stdout.toString('utf8'))
    return args.map(() => known(complaints))
  },
}

/** Empty where it is content, and where its journal is gone. */
export const keepalivedComplaints = (): Fact<readonly string[]> => fact(kind, null)

export const parseComplaints = (text: string): readonly string[] => {
  const lines = text.split('\n')
  const begun = lines.findLastIndex((line) => /^(Starting Keepalived v|Reloading \.\.\.$)/.test(line))
  const found = lines.slice(begun + 1).filter((line) => lasting.test(line))
  return [...new Set(found)]
}
