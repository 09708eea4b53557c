// etcd.snapshot: before a member is taken out, what etcd holds is saved on the operator's machine; and what that costs is said.
import { always } from '../../model/look.js'
import { joinsIn, type Move } from '../../model/membership.js'
import type { Scope, Task } from '../../model/playbook.js'
import { tolerated } from '../../model/quorum.js'
import { check, type Problem, type Step } from '../../model/step.js'
import { snapshotStep } from '../../steps/kubernetes/leave/snapshot.js'

export const etcdSnapshot: Task = {
  name: 'etcd.snapshot',
  title: 'Save etcd',
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) =>
    scope.moves.some(takesMember)
      ? [margin(scope), snapshotStep({ cluster: scope.inventory.cluster.name, folder: scope.wishes.snapshots })]
      : [],
}

const takesMember = (move: Move): boolean => (move.kind === 'leave' || move.kind === 'forget') && move.member !== null

const margin = ({ moves, view }: Scope): Step =>
  check({
    id: 'etcd:margin',
    title: 'Have members of etcd to lose',
    look: always(view?.members.filter(({ part }) => part === 'voter').length ?? 0),
    problems: (now) => marginProblems(now, moves),
  })

/** `now`: voting members before the run. */
export const marginProblems = (now: number, moves: readonly Move[]): readonly Problem[] => {
  const joiners = joinsIn(moves).filter(({ kind }) => kind === 'join-master').length
  const then = now + joiners - moves.filter(takesMember).length
  if (tolerated(then) >= tolerated(now)) return []
  const loses = tolerated(then)
  return [
    {
      level: 'warning',
      message: `etcd will have ${then} ${then === 1 ? 'member' : 'members'} and bear the loss of ${loses === 0 ? 'none' : loses}; now it has ${now} and bears the loss of ${tolerated(now)}`,
      hint: 'khactl replace brings a new master in before the old one goes.',
    },
  ]
}
