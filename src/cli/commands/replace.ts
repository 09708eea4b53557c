// khactl replace: one host goes, another takes its place in the same lists; in the order that keeps the quorum.
import { listsOf, type Edit } from '../../inventory/edit.js'
import { KhactlError } from '../../model/error.js'
import type { HostFlag } from '../host-flag.js'
import { changeMembership } from '../membership.js'
import type { Io } from '../io.js'
import type { Remove } from './remove.js'

export interface Replace extends Pick<Remove, 'options' | 'manner' | 'drain' | 'remove'> {
  readonly old: string
  readonly by: HostFlag
}

export const replace = ({ options, old, by, manner, drain, remove }: Replace, io: Io): Promise<number> =>
  changeMembership({
    ...{
      options,
      io,
      playbook: 'replace',
      named: (text) => (listsOf(text, old).length === 0 ? [by.name] : [old, by.name]),
      file: { manner: 'write' },
    },
    edits: (text) => edits(text, { old, by, manner }),
    wishes: { drain, remove },
  })

/** Run again after it died, it finds the new host in its lists already, and perhaps the old one in none. */
const edits = (text: string, { old, by, manner }: Pick<Replace, 'old' | 'by' | 'manner'>): readonly Edit[] => {
  if (old === by.name)
    throw new KhactlError('cli.replace', {
      message: `${old} cannot be replaced by itself`,
      exit: 'usage',
      hint: 'A host that was made anew under its old name and address is brought in by khactl up.',
    })
  const [lists, there] = [listsOf(text, old), listsOf(text, by.name)]
  if (by.address === undefined && !lists.every((list) => there.includes(list)))
    throw new KhactlError('cli.replace', {
      message: `${by.name} does not stand in ${lists.map((list) => `\`${list}\``).join(' and ')}, where ${old} stands`,
      exit: 'usage',
      hint: `Give its address, and it is written there: --with name=${by.name},address=…`,
    })
  const added = lists.flatMap((list): readonly Edit[] =>
    by.address === undefined ? [] : [{ kind: 'add', list, host: by }],
  )
  const isOver = lists.length === 0 && there.length > 0
  return [...added, ...(isOver ? [] : [{ kind: 'mark-absent', host: old, state: manner } as const])]
}
