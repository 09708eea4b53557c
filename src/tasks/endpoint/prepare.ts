// endpoint.prepare: this host carries the API endpoint, before `init` as at any later time.
import { kindOf } from '../../endpoint/kinds.js'
import type { Task } from '../../model/playbook.js'

/** One host at a time, or a mistake would take every way to the API at once (R-L8). */
export const endpointPrepare: Task = {
  name: 'endpoint.prepare',
  title: 'Carry the API endpoint',
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy'],
  steps: (scope) => kindOf(scope.inventory).prepare(scope),
}
