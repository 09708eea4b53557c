// What `up` asks and holds in hand grows as the hosts do, and not as their square: counted, since times flake.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Graph } from '../../src/model/graph.js'
import type { HostState } from '../../src/model/host.js'
import { always } from '../../src/model/look.js'
import { compile } from '../../src/playbook/compile.js'
import { loadPlaybook } from '../../src/playbook/load.js'
import { registry } from '../../src/tasks/registry.js'
import { entries, wishes } from '../support/scope.js'
import { haproxies, host, inventory, masters } from '../templates/fixtures.js'

const text = readFileSync(new URL('../../playbooks/up.yaml', import.meta.url), 'utf8')

const graphOf = (workers: number, state: 'fresh' | 'healthy'): Graph => {
  const hosts = [
    ...haproxies(1),
    ...masters.slice(0, 1),
    ...Array.from({ length: workers }, (_, index) =>
      host(`worker-${index + 1}`, `10.9.${1 + Math.floor(index / 250)}.${(index % 250) + 1}`),
    ),
  ]
  const stateOf = (role: string | undefined): HostState =>
    state === 'fresh' || role === 'haproxy'
      ? { kind: 'fresh' }
      : { kind: 'healthy', role: role === 'master' ? 'master' : 'worker' }
  return compile({
    playbook: loadPlaybook({ file: 'up.yaml', text }, registry),
    inventory: { ...inventory('1.20.2'), hosts },
    registry,
    observed: new Map(hosts.map(({ name, roles }) => [name, stateOf(roles[0])])),
    endpointAnswers: null,
    view: null,
    wishes,
    entries,
    looks: { healthyMaster: always(false), holdsVip: always(false) },
    founding: 'kubeadm:init',
    cut: { hosts: null, stages: null, from: null, width: null },
  })
}

/** Facts that the looks of all lanes name before anything is known, those of a host named by many counted each time. */
const asked = ({ stages }: Graph): number =>
  stages
    .flatMap(({ lanes }) => lanes.flatMap(({ steps }) => steps))
    .map(({ look }) => look.read({ get: () => undefined }))
    .reduce((sum, reading) => sum + (reading.status === 'needs' ? reading.facts.length : 0), 0)

const stepsOf = ({ stages }: Graph): number =>
  stages.reduce((sum, { lanes }) => sum + lanes.reduce((all, { steps }) => all + steps.length, 0), 0)

test.each(['fresh', 'healthy'] as const)('of %s hosts, a worker more is as much more as the one before it', (state) => {
  const [few, some, many] = [20, 40, 80].map((workers) => graphOf(workers, state)) as [Graph, Graph, Graph]
  for (const count of [stepsOf, asked]) {
    const aHost = (count(some) - count(few)) / 20
    expect(aHost).toBeGreaterThan(5)
    expect((count(many) - count(some)) / 40).toBeCloseTo(aHost, 5)
  }
})
