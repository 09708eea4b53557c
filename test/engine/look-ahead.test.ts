// One question a host, though hosts name what they need in turns.
import { expect, test } from 'vitest'
import { createLookAhead } from '../../src/engine/look-ahead.js'
import { createMemory } from '../../src/engine/memory.js'
import { createObserver } from '../../src/engine/observe.js'
import { createPace } from '../../src/engine/pace.js'
import { each } from '../../src/model/look.js'
import { createWorld, host, value } from '../support/world.js'

const [a, b, c] = [host('a'), host('b'), host('c')]

/** Who was asked, with how many facts. */
const asked = async (looks: Parameters<ReturnType<typeof createLookAhead>['look']>[0]['looks']) => {
  const world = createWorld()
  const ahead = createLookAhead([a, b, c])
  const rule = { candidates: [], healthy: value('none'), founding: null } as never
  const observer = createObserver({ memory: createMemory(), ports: world.ports, rule, hold: ahead.hold })
  await ahead.look({ observer, pace: createPace(), looks })
  return world.asked.map((one) => `${one.host} ${one.facts.length}`).sort()
}

test('a host is asked once, for its own steps and for those of others', async () => {
  const ofB = each([value('x'), value('y', { at: { host: b } })])
  const own = each([value('x'), value('z')])
  expect(
    await asked(
      new Map([
        [a, [ofB]],
        [b, [own]],
      ]),
    ),
  ).toEqual(['a 1', 'b 3'])
})

test('a host that names nothing can be asked all the same', async () => {
  expect(await asked(new Map([[a, [value('y', { at: { host: c } })]]]))).toEqual(['c 1'])
  expect(await asked(new Map([[a, []]]))).toEqual([])
})
