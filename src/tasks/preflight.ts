// preflight: everything that can be known to go wrong, of all hosts at once, before anything is changed (docs/preflight.md).
import type { Scope, Task } from '../model/playbook.js'
import type { Step } from '../model/step.js'
import { clockChecks } from './preflight/clock.js'
import { endpointChecks } from './preflight/endpoint.js'
import { identityChecks } from './preflight/identity.js'
import { machineChecks } from './preflight/machine.js'
import { networkChecks } from './preflight/network.js'
import { portChecks } from './preflight/ports.js'
import type { Probes } from './preflight/probes.js'
import { reachChecks } from './preflight/reach.js'
import { softwareChecks } from './preflight/software.js'
import { storageChecks } from './preflight/storage.js'
import { supplyChecks } from './preflight/supplies.js'

/** `- preflight: { probes: all }` asks also what no pending change depends on; the default is `due`. */
export const preflight: Task = {
  name: 'preflight',
  title: 'Look for what would go wrong',
  widest: null,
  kind: 'checks',
  stoppedBy: [],
  takes: { required: {}, optional: { probes: { oneOf: ['all', 'due'] } } },
  steps: (scope, args) => preflightSteps(scope, probesOf(args)),
}

export const preflightSteps = (scope: Scope, probes: Probes): readonly Step[] => [
  ...machineChecks(scope),
  ...storageChecks(scope),
  ...networkChecks(scope),
  ...identityChecks(scope),
  ...clockChecks(scope),
  ...softwareChecks(scope),
  ...portChecks(scope),
  ...endpointChecks(scope, probes),
  ...reachChecks(scope, probes),
  ...supplyChecks(scope, probes),
]

const probesOf = (args: unknown): Probes =>
  typeof args === 'object' && args !== null && 'probes' in args && args.probes === 'all' ? 'all' : 'due'
