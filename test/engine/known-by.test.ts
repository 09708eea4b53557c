// A step whose look runs something that may change the host: a plan cannot tell, a run that changes things asks it.
import { expect, test } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import { walk } from '../../src/engine/run.js'
import type { Graph } from '../../src/model/graph.js'
import { always } from '../../src/model/look.js'
import { createWorld, host, want, type World } from '../support/world.js'

const graph: Graph = {
  leader: { candidates: [], healthy: always(false), founding: null },
  stages: [
    {
      ...{ id: 'one', title: 'one', after: [], width: 1, last: null, blockedBy: [], kind: 'changes' },
      lanes: [
        {
          host: host('a'),
          may: 'change',
          steps: [want('first', '1'), { ...want('x', '1'), knownBy: 'the test' }, want('last', '1')],
        },
      ],
    },
  ],
}
const common = (world: World) => ({
  ...{ graph, memory: createMemory(), ports: world.ports, failed: new Set<never>(), interrupted: () => false },
})
const factsOf = (world: World): readonly unknown[] => world.asked.flatMap(({ facts }) => facts.map(({ arg }) => arg))

test.each([
  ['needs the change', {}, 'changed'],
  ['has it already', { 'a/x': '1' }, 'ok'],
] as const)('that %s', async (_, values, verdict) => {
  const world = createWorld(values)
  const { plan } = await walk({ ...common(world), apply: null })
  expect(plan.entries[1]?.verdict).toEqual({ kind: 'unknown', until: 'the test' })
  expect(factsOf(world)).not.toContain('x')

  const walked = await walk({ ...common(world), apply: { send: world.send, expected: plan } })
  expect(walked.plan.entries.map((entry) => entry.verdict.kind)).toEqual(['changed', verdict, 'changed'])
  // Not before its turn: steps before it may be what it tests.
  expect(factsOf(world).lastIndexOf('first')).toBeLessThan(factsOf(world).indexOf('x'))
})
