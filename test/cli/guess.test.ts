// The guess that a plan is foreseen by.
import { expect, test } from 'vitest'
import { guess, guessedLooks } from '../../src/cli/guess.js'
import type { Graph } from '../../src/model/graph.js'
import type { Host, Inventory } from '../../src/model/inventory.js'
import { want } from '../support/world.js'

const inventory = {
  leaving: [{ name: 'm3', roles: ['master'], nodeIP: '10.0.0.3', state: 'dead' }],
  cluster: { version: { text: '1.30.4' } },
} as unknown as Inventory
const contacts = [
  { name: 'lb', roles: ['haproxy'], nodeIP: '10.0.0.9' },
  { name: 'm1', roles: ['master', 'haproxy'], nodeIP: '10.0.0.1' },
  { name: 'w1', roles: ['worker'], nodeIP: '10.0.0.2' },
  ...inventory.leaving,
] as unknown as readonly Host[]

test('guessed is what the inventory says; the dead are dead', () => {
  const { observed, view } = guess(inventory, contacts)
  expect([...observed].map(([name, { kind }]) => `${name} ${kind}`)).toEqual([
    ...['lb fresh', 'm1 healthy', 'w1 healthy', 'm3 unreachable'],
  ])
  expect(view.members.map(({ name, answers }) => `${name} ${answers}`)).toEqual(['m1 yes', 'm3 no'])
})

test('nothing is guessed for many hosts, nor where the guess is refused', async () => {
  const graph = { stages: [{ lanes: [{ host: 'm1', steps: [want('x', '1')] }] }] } as unknown as Graph
  const compiling = function* (): Generator<undefined, Graph> {
    yield
    return graph
  }
  const refusing = function* (): Generator<undefined, Graph> {
    yield
    throw new Error('two clusters')
  }
  const hosts = async (count: number, of: () => Iterator<unknown, Graph>) => [...(await guessedLooks(count, of)).keys()]
  expect(await hosts(7, compiling)).toEqual(['m1'])
  expect(await hosts(51, compiling)).toEqual([])
  expect(await hosts(7, refusing)).toEqual([])
})
