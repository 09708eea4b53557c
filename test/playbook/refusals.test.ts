import { expect, test } from 'vitest'
import type { HostName, HostState } from '../../src/model/host.js'
import type { Inventory } from '../../src/model/inventory.js'
import { leavingFault } from '../../src/playbook/refusals.js'

const host = (name: string, more: object = {}) => ({
  name,
  roles: [name.startsWith('lb') ? 'haproxy' : 'worker'],
  ...more,
})
const reached = (...names: readonly string[]): ReadonlyMap<HostName, HostState> =>
  new Map(names.map((name) => [name as HostName, { kind: 'fresh' }]))
const told = (of: { hosts: string; leaving: readonly object[]; observed: string; named: readonly string[] | 'all' }) =>
  leavingFault({ hosts: of.hosts.split(' ').map((name) => host(name)), leaving: of.leaving } as unknown as Inventory, {
    observed: reached(...of.observed.split(' ')),
    wishes: { named: of.named as readonly HostName[] | 'all' },
  })?.reason ?? null

test('a haproxy host that is declared dead and answers goes on holding the virtual IP: it is not removed as dead', () => {
  const leaving = [host('lb2', { state: 'dead' })]
  expect(told({ hosts: 'lb1', leaving, observed: 'lb1 lb2', named: ['lb2'] })).toBe(
    'lb2 is declared dead, but it answers: it is fresh',
  )
  expect(told({ hosts: 'lb1', leaving, observed: 'lb1', named: ['lb2'] })).toBeNull()
  expect(told({ hosts: 'lb1', leaving, observed: 'lb1 lb2', named: ['w9'] })).toBeNull()
})

test('the only haproxy host is not replaced by one that is still to come', () => {
  const leaving = [host('lb1', { state: 'absent' })]
  expect(told({ hosts: 'lb2', leaving, observed: 'lb1 lb2', named: ['lb1', 'lb2'] })).toMatch(
    /only haproxy host so far/,
  )
  expect(told({ hosts: 'lb2 lb3', leaving, observed: 'lb1 lb2', named: ['lb1', 'lb2'] })).toBeNull()
  expect(told({ hosts: 'lb2', leaving, observed: 'lb1 lb2', named: 'all' })).toBeNull()
})
