// endpoint.members: after masters joined, this host sends traffic to each of them (R-L5).
import { kindOf } from '../../endpoint/kinds.js'
import type { Task } from '../../model/playbook.js'

export const endpointMembers: Task = {
  name: 'endpoint.members',
  title: 'Send traffic to every master',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) => kindOf(scope.inventory).members(scope),
}
