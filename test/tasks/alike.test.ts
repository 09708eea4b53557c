// Hosts of one kind share their steps; what tells two kinds apart, tells their steps apart.
import { describe, expect, test } from 'vitest'
import type { HostName, HostState } from '../../src/model/host.js'
import type { Host } from '../../src/model/inventory.js'
import { step } from '../../src/model/step.js'
import { always } from '../../src/model/look.js'
import { alike, type KinScope } from '../../src/tasks/alike.js'
import { scopeOf } from '../support/scope.js'
import { first, inventory } from '../templates/fixtures.js'

const of = inventory('1.30.0')
const worker: Host = { ...first(of.hosts), name: 'worker-1' as HostName, roles: ['worker'], kubeletConfiguration: {} }
const scope = (more: Partial<Host> = {}, state: HostState = { kind: 'fresh' }, from = of) => {
  const host = { ...worker, ...more }
  return scopeOf({ inventory: from, host, observed: new Map([[host.name, state]]) })
}

describe('steps of hosts that are alike', () => {
  const seen: KinScope[] = []
  const steps = alike((kin, ...more: readonly string[]) => {
    seen.push(kin)
    return [step({ id: more.join(), title: '', look: always(null), diff: () => [], apply: () => Promise.resolve() })]
  })

  test('are made once, whatever the hosts are called and wherever they are', () => {
    expect(steps(scope({ name: 'worker-2' as HostName, nodeIP: '10.0.0.99', labels: { a: 'b' } }))).toBe(steps(scope()))
  })
  test('never know which host they are of', () => {
    steps(scope({ name: 'worker-3' as HostName }))
    expect(seen.flatMap(({ host }) => Object.keys(host)).filter((key) => key !== 'roles')).toEqual(
      seen.map(() => 'kubeletConfiguration'),
    )
  })
  test.each([
    ['roles', steps(scope({ roles: ['worker', 'haproxy'] }))],
    ['settings of the kubelet', steps(scope({ kubeletConfiguration: { maxPods: 5 } }))],
    ['membership', steps(scope({}, { kind: 'healthy', role: 'worker' }))],
    ['the inventory', steps(scope({}, { kind: 'fresh' }, { ...of }))],
    ['arguments', steps(scope(), 'all')],
  ])('differ with %s', (_, others) => expect(others).not.toBe(steps(scope())))
})
