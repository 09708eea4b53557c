// Which masters are asked what the cluster is.
import { expect, test } from 'vitest'
import { tellView } from '../../src/cli/told-view.js'
import { createMemory } from '../../src/engine/memory.js'
import { createObserver } from '../../src/engine/observe.js'
import type { HostState } from '../../src/model/host.js'
import { always, map } from '../../src/model/look.js'
import { createWorld, host, value } from '../support/world.js'

const states: Readonly<Record<string, HostState>> = {
  well: { kind: 'healthy', role: 'master' },
  'also-well': { kind: 'healthy', role: 'master' },
  broken: { kind: 'broken', why: 'etcd' },
  fresh: { kind: 'fresh' },
  off: { kind: 'unreachable', why: 'off' },
}

/** The version in the view that was told, and who was asked for one. */
const told = async (names: string, versions: Readonly<Record<string, string>>) => {
  const world = createWorld(Object.fromEntries(Object.entries(versions).map(([name, to]) => [`${name}/view`, to])))
  const rule = { candidates: [], healthy: always(false), founding: null }
  const view = await tellView({
    masters: names.split(' ').map(host),
    observed: new Map(Object.entries(states).map(([name, state]) => [host(name), state])),
    look: () => map(value('view'), (version) => (version === null ? null : { members: [], nodes: [], version })),
    observer: createObserver({ memory: createMemory(), ports: world.ports, rule }),
  })
  return [view?.version ?? null, world.asked.map((one) => one.host).join(' ')]
}

test('one master is asked, a healthy one before a broken one', async () => {
  expect(await told('broken well also-well', { broken: '1', well: '2', 'also-well': '3' })).toEqual(['2', 'well'])
})

test('the others are asked where that one cannot tell', async () => {
  expect(await told('well broken also-well', { broken: '1', 'also-well': '3' })).toEqual(['3', 'well also-well broken'])
  expect(await told('well broken', {})).toEqual([null, 'well broken'])
})

test('who is fresh or away is not asked', async () => {
  expect(await told('fresh off', { fresh: '1' })).toEqual([null, ''])
})
