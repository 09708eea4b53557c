// Long work leaves turns of the event loop to others.
import { expect, test } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import { createPace } from '../../src/engine/pace.js'
import { inSlices } from '../../src/model/pieces.js'
import { walk } from '../../src/engine/run.js'
import type { Stage } from '../../src/model/graph.js'
import { createWorld, host, want } from '../support/world.js'

/** Counts turns of the event loop until it is told to stop. */
const countTurns = () => {
  let turns = 0
  let going = true
  const next = (): void => {
    turns += 1
    if (going) setImmediate(next)
  }
  setImmediate(next)
  return { now: () => turns, stop: () => (going = false) }
}

test('whoever waits for a turn has one alone, in the order of asking', async () => {
  const pace = createPace()
  const turns = countTurns()
  const told: (readonly [number, number])[] = []
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      await pace()
      told.push([index, turns.now()])
    }),
  )
  turns.stop()
  expect(told.map(([index]) => index)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(new Set(told.map(([, turn]) => turn)).size).toBeGreaterThanOrEqual(49)
})

test('work in pieces is done whole, with breaks', async () => {
  const turns = countTurns()
  const busy = function* (): Generator<undefined, string> {
    for (let piece = 0; piece < 5; piece += 1) {
      const end = performance.now() + 6
      while (performance.now() < end);
      yield
    }
    return 'done'
  }
  expect(await inSlices(busy())).toBe('done')
  turns.stop()
  expect(turns.now()).toBeGreaterThanOrEqual(4)
})

test('of two hundred hosts that have nothing to do, not many end a lane in the same turn', async () => {
  const world = createWorld()
  const names = Array.from({ length: 200 }, (_, index) => `h${index + 1}`)
  for (const name of names) world.values.set(`${name}/x`, '1')
  const stage: Stage = {
    ...{ id: 'one', title: 'one', after: [], width: 30, last: null, blockedBy: [], kind: 'changes' },
    lanes: names.map((name) => ({ host: host(name), steps: [want('x', '1')], may: 'change' })),
  }
  const turns = countTurns()
  const ended = new Map<number, number>()
  const { plan } = await walk({
    graph: { stages: [stage], leader: { candidates: [], healthy: want('x', '1').look as never, founding: null } },
    memory: createMemory(),
    ports: {
      ...world.ports,
      emit: (event) => {
        if (event.type === 'lane-ended') ended.set(turns.now(), (ended.get(turns.now()) ?? 0) + 1)
      },
    },
    apply: null,
    failed: new Set(),
    interrupted: () => false,
  })
  turns.stop()
  expect(plan.entries.map(({ verdict }) => verdict.kind)).toEqual(names.map(() => 'ok'))
  expect(Math.max(...ended.values())).toBeLessThanOrEqual(2)
})
