// endpoint.healthy: the endpoint behaves as one: exactly one holder of its address, and nothing switched off behind our back.
import { kindOf } from '../../endpoint/kinds.js'
import type { Task } from '../../model/playbook.js'

export const endpointHealthy: Task = {
  name: 'endpoint.healthy',
  title: 'Prove the API endpoint',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) => kindOf(scope.inventory).healthy(scope),
}
