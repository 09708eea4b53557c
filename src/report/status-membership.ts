// What `up` would do, as a status tells it: who would come and go, and how far the hosts are from the inventory.
import type { Move } from '../model/membership.js'
import { foldNames } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { count } from '../text/say.js'
import { change, failure, warning } from './status-problem.js'
import type { Drift, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'

export const membershipArea = ({ moves: { moves, refusal }, hosts }: StatusSeen): Area<readonly string[]> => {
  const leaving = hosts.filter((host) => host.leaving !== null)
  const data = moves.map(sayMove)
  const refused =
    refusal === null ? [] : [failure({ where: '', what: `up refuses: ${refusal.reason}`, hint: refusal.hint })]
  const left = leaving
    .filter(({ name }) => !moves.some((move) => move.host === name))
    .map(({ name, leaving: word, state }): StatusProblem =>
      state.kind === 'unreachable' && word === 'absent'
        ? warning({
            where: name,
            what: 'is to leave (state: absent), and was not reached',
            hint: 'Bring it back, or khactl remove --dead',
          })
        : change({ where: name, what: 'has left the cluster; its entry is still in the inventory', hint: 'khactl up' }),
    )
  const summary =
    moves.length === 0 && leaving.length === 0 && refusal === null
      ? 'as the inventory says'
      : refusal !== null
        ? 'up would refuse'
        : data.length === 0
          ? `${foldNames(leaving.map(({ name }) => name))} still to leave the inventory`
          : `up would ${data.slice(0, 3).join(', then ')}${data.length > 3 ? `, then ${data.length - 3} more` : ''}`
  const moving =
    data.length === 0
      ? []
      : [change({ where: '', what: `up would ${data.join(', then ')}`, hint: 'khactl plan', follows: '' })]
  return { title: 'membership', summary, table: [], problems: [...refused, ...left, ...moving], data }
}

const sayMove = (move: Move): string => {
  switch (move.kind) {
    case 'init':
      return `found the cluster on ${move.host}`
    case 'join-master':
    case 'join-worker':
      return `join ${move.host}`
    case 'rebuild-etcd':
      return `go on with etcd from ${move.host} alone`
    case 'forget':
      return `forget ${move.name} (${move.why})`
    case 'leave':
      return `remove ${move.host}${move.manner === 'dead' ? ' (dead)' : ''}`
  }
}

export const driftArea = ({ drift, moves }: StatusSeen): Area<Drift> => ({
  title: 'drift',
  ...driftWords(drift, moves.refusal === null ? 'told here' : 'told above'),
  table: [],
  data: drift,
})

const driftWords = (
  drift: Drift,
  refusal: 'told here' | 'told above',
): { readonly summary: string; readonly problems: readonly StatusProblem[] } => {
  switch (drift.kind) {
    case 'left out':
      return { summary: 'not looked for (--quick)', problems: [] }
    case 'failed': {
      const what = `up could not be planned: ${plainLine(drift.why)}`
      const problems = [failure({ where: '', what, hint: drift.hint, follows: refusal === 'told above' ? '' : null })]
      return { summary: 'not known: there is no plan', problems }
    }
    case 'planned': {
      const { changes, unknown, unreadable, hosts } = drift
      const unread =
        unreadable === 0
          ? []
          : [
              warning({
                where: '',
                what: `${count(unreadable, 'step')} of up could not be looked at`,
                hint: 'khactl plan says why',
              }),
            ]
      if (changes + unknown === 0)
        return {
          summary: unreadable === 0 ? 'none: up would change nothing' : 'none that could be seen',
          problems: unread,
        }
      const things = [
        ...(changes > 0 ? [count(changes, 'thing')] : []),
        ...(unknown > 0 ? [`${unknown} not known yet`] : []),
      ]
      const summary = `up would change ${things.join(' and ')} on ${count(hosts.length, 'host')} (${foldNames(hosts)}): khactl plan`
      return { summary, problems: [...unread, change({ where: '', what: summary, hint: 'khactl plan', follows: '' })] }
    }
  }
}
