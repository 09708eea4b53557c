// When the guess is compiled, and when its graph is the run's; which guesses come true is in guess.test.ts.
import { expect, test } from 'vitest'
import { createFirstLook, type FirstLookInput } from '../../src/cli/first-look.js'
import { guess } from '../../src/cli/guess.js'
import { createMemory } from '../../src/engine/memory.js'
import type { Ports, Question } from '../../src/engine/ports.js'
import type { Graph } from '../../src/model/graph.js'
import { unreadable } from '../../src/model/fact.js'
import { always } from '../../src/model/look.js'
import { createWorld } from '../support/world.js'
import { inventory as wellKnown } from '../templates/fixtures.js'

const inventory = wellKnown('1.20.2')
const contacts = inventory.hosts
const told = guess(inventory, contacts)

/** Hosts of which nothing can be read, and a compiler that counts. */
const looking = (more: Partial<FirstLookInput>) => {
  const compiled: Graph[] = []
  const asked: Question[] = []
  const ask: Ports['ask'] = (question) => {
    asked.push(question)
    return Promise.resolve(new Map(question.facts.map(({ key }) => [key, unreadable('no')])))
  }
  const graphOf = function* (): Generator<undefined, Graph> {
    yield
    const graph: Graph = { stages: [], leader: { candidates: [], healthy: always(false), founding: null } }
    compiled.push(graph)
    return graph
  }
  const reach = () => Promise.resolve({ kind: 'reached' } as const)
  const ports = { ...createWorld().ports, ask }
  const given = { inventory, contacts, memory: createMemory(), ports, graphOf, reach, underWay: Promise.resolve() }
  return { compiled, asked, looks: createFirstLook({ ...given, ...more }) }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((next) => setImmediate(next))
}

test('nothing is compiled before a connection stands, and no host is asked before that is done', async () => {
  let dialled = (): void => undefined
  const underWay = new Promise<void>((resolve) => (dialled = resolve))
  const { compiled, asked, looks } = looking({ underWay })
  const first = looks.first()
  await turns(20)
  expect([compiled.length, asked.length]).toEqual([0, 0])
  dialled()
  await first
  expect(compiled).toHaveLength(1)
  expect(asked.length).toBeGreaterThan(0)
})

test('where nobody can be reached the look ends all the same', async () => {
  const reach = () => Promise.resolve({ kind: 'unreachable', why: 'off' } as const)
  const { looks } = looking({ reach, underWay: new Promise(() => undefined) })
  const states = [...(await looks.first()).values()].map(({ kind }) => kind)
  expect(new Set(states)).toEqual(new Set(['unreachable']))
})

test('what was compiled is the run only of that inventory, and where the guess came true', async () => {
  const { compiled, looks } = looking({})
  const { observed, view } = told
  expect(looks.foreseen({ inventory, observed, view })).toBe(null)
  await looks.first()
  expect(looks.foreseen({ inventory, observed, view })).toBe(compiled[0])
  expect(looks.foreseen({ inventory: { ...inventory }, observed, view })).toBe(null)
  expect(looks.foreseen({ inventory, observed, view: null })).toBe(null)
})
