// What was seen and for how long it is believed, and what one memory may hand on to the next.
import { expect, test } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import { fact, known, unreadable, type Fact, type Kind, type Stays } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'

const [one, two] = ['host-1', 'host-2'] as HostName[] as [HostName, HostName]

const factOf = (cost: 'cheap' | 'active', stays: Stays): Fact<string> => {
  const kind = { name: `${cost} ${stays}`, cost, stays } as Kind<string, string>
  return fact(kind, 'argument')
}
const probe = factOf('active', 'world')

test('hands on what active probes told, and nothing else', () => {
  const memory = createMemory()
  for (const told of [probe, factOf('cheap', 'world'), factOf('cheap', 'host')])
    memory.set(one, told, { seen: known('so'), glance: 0, ...memory.ages(one) })
  const next = createMemory(memory.probes())
  expect(next.get(one, probe, 0)).toEqual(known('so'))
  expect(next.get(one, factOf('cheap', 'world'), 0)).toBeUndefined()
  expect(next.get(one, factOf('cheap', 'host'), 0)).toBeUndefined()
  expect(next.get(two, probe, 0)).toBeUndefined()
})

test('what could not be told is asked again', () => {
  const memory = createMemory()
  memory.set(one, probe, { seen: unreadable('no bash'), glance: 0, ...memory.ages(one) })
  expect(memory.probes()).toEqual([])
})

test('what was handed on ends with the first command anywhere, as if it had been asked here', () => {
  const memory = createMemory()
  memory.set(one, probe, { seen: known('so'), glance: 0, ...memory.ages(one) })
  const next = createMemory(memory.probes())
  next.age(two)
  expect(next.get(one, probe, 0)).toBeUndefined()
  expect(next.probes()).toEqual([])
})

test('a command before the handing on ends it, too', () => {
  const memory = createMemory()
  memory.set(one, probe, { seen: known('so'), glance: 0, ...memory.ages(one) })
  memory.age(one)
  expect(memory.probes()).toEqual([])
})
