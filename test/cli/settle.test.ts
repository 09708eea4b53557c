// A run behind another one: waits for what only time can mend, and for nothing else.
import { describe, expect, test } from 'vitest'
import { settling } from '../../src/cli/settle.js'
import { createMemory } from '../../src/engine/memory.js'
import { walk } from '../../src/engine/run.js'
import type { Stage } from '../../src/model/graph.js'
import { always } from '../../src/model/look.js'
import { check, type Step } from '../../src/model/step.js'
import { createWorld, host, value, want, type World } from '../support/world.js'

const calm = (settle?: Step['settle'], name = 'calm'): Step =>
  check({
    id: name,
    title: 'Have calm',
    look: value(name, { stays: 'moment' }),
    problems: (have) => (have === 'yes' ? [] : [{ level: 'failure', message: 'no calm' }]),
    ...(settle ? { settle } : {}),
  })

const soon = calm({ within: 300_000, every: 1000 })

const settled = async (
  world: World,
  steps: readonly Step[],
  more: Partial<Stage> = {},
  away: readonly string[] = [],
) => {
  const stage: Stage = {
    ...{ id: 'verify', title: 'verify', after: [], width: 30, last: null, blockedBy: [], kind: 'changes' },
    lanes: [{ host: host('a'), steps, may: 'change' }],
    ...more,
  }
  const of = {
    graph: { stages: [stage], leader: { candidates: [], healthy: always(false), founding: null } },
    ...{ memory: createMemory(), ports: world.ports, failed: new Set(away.map(host)), interrupted: () => false },
  }
  const { plan } = await walk({ ...of, apply: null })
  const began = world.ports.now()
  const end = await settling(of, plan)
  return {
    verdicts: end.entries.map(({ verdict }) => verdict.kind),
    waited: world.ports.now() - began,
    notes: world.events.flatMap((event) => (event.type === 'note' ? event.text : [])),
  }
}

const unsteady = (looks: number): World => {
  const world = createWorld({ 'a/calm': 'yes' })
  world.slow.set('a/calm', looks)
  return world
}

describe('what stands in the way', () => {
  test('settles: the run is in sync', async () => {
    const { verdicts, waited, notes } = await settled(unsteady(20), [soon])
    expect(verdicts).toEqual(['ok'])
    expect(waited).toBeGreaterThan(10_000)
    expect(notes).toEqual(['the cluster has not settled: waiting for it, at most 90 s'])
  })

  test('does not settle: that is told after a while that is shorter than after a change', async () => {
    const { verdicts, waited } = await settled(createWorld(), [soon])
    expect(verdicts).toEqual(['problem'])
    expect(waited).toBeGreaterThan(89_000)
    expect(waited).toBeLessThan(95_000)
  })

  test.each<[string, readonly Step[], readonly string[]]>([
    ['two checks of one host', [soon, { ...soon, id: 'more' }], ['a']],
    ['hosts that are looked at one after the other', [soon], ['a', 'b', 'c']],
  ])('does not settle, %s: they share that while', async (_, steps, names) => {
    const lanes = names.map((name) => ({ host: host(name), steps, may: 'change' as const }))
    const { verdicts, waited } = await settled(createWorld(), steps, { width: 1, lanes })
    expect(verdicts).toEqual(lanes.flatMap(() => steps.map(() => 'problem')))
    expect(waited).toBeGreaterThan(89_000)
    expect(waited).toBeLessThan(95_000)
  })

  test('settles while more is to be done: the plan has that, and no problem', async () => {
    const { verdicts, waited } = await settled(unsteady(20), [soon, want('x', '1')])
    expect(verdicts).toEqual(['ok', 'would-change'])
    expect(waited).toBeGreaterThan(10_000)
  })

  test('is not waited for where a change of this run comes before it', async () => {
    const { verdicts, waited } = await settled(unsteady(20), [soon, want('x', '1'), calm(soon.settle, 'later')])
    expect(verdicts).toEqual(['ok', 'would-change', 'unknown'])
    expect(waited).toBeLessThan(40_000)
  })

  test('could not be read, and then could', async () => {
    const world = createWorld({ 'a/calm': 'yes' })
    world.blind.add('a/calm')
    const wait = world.ports.wait.bind(world.ports)
    Object.assign(world.ports, {
      wait: async (ms: number) => {
        world.blind.clear()
        await wait(ms)
      },
    })
    expect((await settled(world, [soon])).verdicts).toEqual(['ok'])
  })
})

describe('is told at once:', () => {
  test.each<[string, readonly Step[], Partial<Stage>]>([
    ['a check that time does not mend', [calm()], {}],
    ['one of each', [soon, { ...calm(), id: 'more' }], {}],
    ['what is left to another run', [soon], { cut: 'left' }],
  ])('%s', async (_, steps, more) => {
    const { verdicts, waited, notes } = await settled(createWorld(), steps, more)
    expect(verdicts).toContain('problem')
    expect(waited).toBeLessThan(10)
    expect(notes).toEqual([])
  })

  test('what is seen while a host is away', async () => {
    const { verdicts, waited } = await settled(createWorld(), [soon], {}, ['b'])
    expect(verdicts).toEqual(['problem'])
    expect(waited).toBeLessThan(10)
  })

  test('that all is well', async () => {
    const { verdicts, notes } = await settled(createWorld({ 'a/calm': 'yes' }), [soon])
    expect([verdicts, notes]).toEqual([['ok'], []])
  })
})
