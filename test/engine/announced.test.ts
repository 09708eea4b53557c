// Holding a run to its plan costs each host as much as the one before it: counted, since times flake.
import { expect, test } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import { walk } from '../../src/engine/run.js'
import { always } from '../../src/model/look.js'
import type { Plan } from '../../src/model/plan.js'
import { createWorld, host, want } from '../support/world.js'

/** How often entries of the plan are read while all it says is done. */
const readsOf = async (hosts: number): Promise<number> => {
  const steps = Array.from({ length: 10 }, (_, index) => want(`step-${index}`, '1'))
  const lanes = Array.from({ length: hosts }, (_, index) => ({
    host: host(`host-${index}`),
    steps,
    may: 'change' as const,
  }))
  const world = createWorld()
  const common = {
    graph: {
      stages: [
        { id: 'a', title: 'a', after: [], width: 30, last: null, blockedBy: [], kind: 'changes' as const, lanes },
      ],
      leader: { candidates: [], healthy: always(false), founding: null },
    },
    ports: world.ports,
    failed: new Set<never>(),
    interrupted: () => false,
  }
  const { plan } = await walk({ ...common, memory: createMemory(), apply: null })
  let reads = 0
  const entries = new Proxy(plan.entries, {
    get: (target, key, receiver) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1
      return Reflect.get(target, key, receiver) as unknown
    },
  })
  const expected: Plan = { entries }
  const done = await walk({ ...common, memory: createMemory(), apply: { send: world.send, expected } })
  expect(done.plan.entries.filter(({ verdict }) => verdict.kind === 'changed')).toHaveLength(hosts * 10)
  return reads
}

test('a plan of twice the hosts is read twice as often', async () => {
  const [few, many] = [await readsOf(20), await readsOf(40)]
  expect(few).toBeGreaterThan(0)
  expect(many).toBe(2 * few)
})
