// endpoint.members: this host sends traffic to the masters that joined, and no more to those that leave (R-L5).
import { kindOf } from '../../endpoint/kinds.js'
import type { Task } from '../../model/playbook.js'

/** One host at a time, as at endpoint.prepare; and not where a join failed: who is not ready gets nobody sent. */
export const endpointMembers: Task = {
  name: 'endpoint.members',
  title: 'Send traffic to every master',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy', 'master'],
  steps: (scope) => kindOf(scope.inventory).members(scope),
}
