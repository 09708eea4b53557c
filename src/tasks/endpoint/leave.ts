// endpoint.leave: a haproxy host that is to leave gives the virtual IP away and stops, before the others forget it.
import { kindOf } from '../../endpoint/kinds.js'
import type { Task } from '../../model/playbook.js'

export const endpointLeave: Task = {
  name: 'endpoint.leave',
  title: 'Carry the API endpoint no more',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy'],
  steps: (scope) => kindOf(scope.inventory).leave(scope),
}
