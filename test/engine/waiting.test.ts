// Waits that say why: told once for each reason, kept for the failure, and never what decides over a step that can succeed.
import { describe, expect, test } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import type { Question } from '../../src/engine/ports.js'
import { walk } from '../../src/engine/run.js'
import type { Graph } from '../../src/model/graph.js'
import { createWaiting } from '../../src/engine/waiting.js'
import { always, map, type Look } from '../../src/model/look.js'
import { changed, check, step, type Cause, type Step } from '../../src/model/step.js'
import { createWorld, host, value, type World } from '../support/world.js'

const walked = async (world: World, one: Step, mode: 'plan' | 'up' = 'up') => {
  const stages: Graph['stages'] = [
    {
      ...{ id: 's', title: 's', after: [], width: 30, last: null, blockedBy: [], kind: 'changes' as const },
      lanes: [{ host: host('a'), steps: [one], may: 'change' }],
    },
  ]
  const graph: Graph = { stages, leader: { candidates: [], healthy: always(false), founding: null } }
  const of = { graph, ports: world.ports, failed: new Set<never>(), interrupted: () => false }
  const { plan } = await walk({ ...of, memory: createMemory(), apply: null })
  if (mode === 'plan') return
  world.asked.length = 0
  world.events.length = 0
  await walk({ ...of, memory: createMemory(), apply: { send: world.send, expected: plan } })
}

const reasons = ({ events }: World) => events.flatMap((event) => (event.type === 'waiting' ? [event.why] : []))
const verdict = ({ events }: World) =>
  events.flatMap((event) => (event.type === 'step-ended' ? [event.verdict] : [])).at(-1)
const asked = ({ asked: questions }: World, name: string) =>
  questions.filter(({ facts }) => facts.some(({ arg }) => arg === name)).length

/** The value `why` of the host: `text`, or `text restarts` of something that dies. */
const why: Look<readonly Cause[]> = map(value('why', { stays: 'moment' }), (said) => {
  const [text = '', restarts] = (said ?? '').split(' ')
  if (text === '') return []
  const log = [`log of ${text}`]
  if (restarts === undefined) return [{ text, log }]
  return [{ text, log, dies: { what: 'x', restarts: restarts === 'over' ? 'given up' : Number(restarts) } }]
})

const settle = { within: 60_000, every: 1000 }
/** Sets `x`, which shows as `shown`. */
const effect = (more: Partial<Pick<Step, 'settle' | 'why'>> = {}): Step =>
  step({
    ...{ id: 'x', title: 'Set x', look: value('shown', { stays: 'moment' }), settle, why },
    diff: (have) => changed({ path: 'x', from: have, to: '1' }),
    apply: ({ self }) => self.run({ parts: ['set x 1'] }),
    ...more,
  })
const patient = (more: Partial<Pick<Step, 'settle' | 'why'>> = {}): Step =>
  check({
    ...{ id: 'up', title: 'It is up', look: value('shown', { stays: 'moment' }), settle, why },
    problems: (have) => (have === '1' ? [] : [{ level: 'failure', message: `x is ${have ?? 'away'}` }]),
    ...more,
  })

/** Sets values while the run waits, by the seconds waited so far. */
const during = (world: World, changes: Readonly<Record<number, readonly [string, string]>>): void => {
  const ports = { ...world.ports }
  let waits = 0
  Object.assign(world.ports, {
    wait: async (ms: number) => {
      const change = changes[(waits += 1)]
      if (change) world.values.set(...change)
      await ports.wait(ms)
    },
  })
}

describe('an effect that is slow to show', () => {
  test('is told once for each reason, with what holds it up; then it is done', async () => {
    const world = createWorld({ 'a/why': 'pulling' })
    during(world, { 15: ['a/why', 'starting'], 25: ['a/why', ''], 35: ['a/shown', '1'] })
    await walked(world, effect())
    const still = 'still different: x is absent, wanted 1'
    expect(reasons(world)).toEqual([still, `pulling; ${still}`, `starting; ${still}`, still])
    expect(verdict(world)).toMatchObject({ kind: 'changed' })
    expect(asked(world, 'why')).toBeLessThan(9)
  })

  test('is not asked about when it shows at once or soon, nor in a plan', async () => {
    const world = createWorld({ 'a/why': 'slow' })
    during(world, { 3: ['a/shown', '1'] })
    await walked(world, effect())
    expect(verdict(world)).toMatchObject({ kind: 'changed' })
    expect(asked(world, 'why')).toBe(0)
    const planned = createWorld({ 'a/why': 'slow' })
    await walked(planned, patient(), 'plan')
    expect(verdict(planned)).toMatchObject({ kind: 'problem' })
    expect([asked(planned, 'why'), reasons(planned)]).toEqual([0, []])
  })

  test('fails at its deadline with the cause beside what differs, and the log of it', async () => {
    const world = createWorld({ 'a/why': 'broken' })
    await walked(world, effect())
    expect(verdict(world)).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'step.unsettled',
        message: '60 s after the change, still different: x is absent, wanted 1; broken',
        tail: ['log of broken'],
      },
    })
  })

  test('fails with the cause first where that is something that dies', async () => {
    const world = createWorld({ 'a/why': 'dead 1' })
    await walked(world, effect())
    const message = 'dead; 60 s after the change, still different: x is absent, wanted 1'
    expect(verdict(world)).toMatchObject({ failure: { message, tail: ['log of dead'] } })
  })

  test('without a time to settle says nothing but that it differs', async () => {
    const world = createWorld({ 'a/why': 'broken' })
    await walked(world, effect({ settle: null }))
    expect(verdict(world)).toMatchObject({
      failure: { message: 'after the change, still different: x is absent, wanted 1' },
    })
    expect(reasons(world)).toEqual([])
  })

  test('fails early when what it needs is started again and again', async () => {
    const world = createWorld({ 'a/why': 'dead 7' })
    during(world, { 14: ['a/why', 'dead 9'], 21: ['a/why', 'dead 10'] })
    await walked(world, effect())
    const [, seconds] = /^dead; (\d+) s after/.exec(JSON.stringify(verdict(world)).split('"message":"')[1] ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThan(20)
    expect(Number(seconds)).toBeLessThan(32)
  })

  test('is waited for when that was restarted often before, but is not any more', async () => {
    const world = createWorld({ 'a/why': 'dead 7' })
    during(world, { 20: ['a/why', 'dead 9'], 45: ['a/shown', '1'] })
    await walked(world, effect())
    expect(verdict(world)).toMatchObject({ kind: 'changed' })
  })
})

describe('a question that', () => {
  test('cannot be answered leaves the wait as it is', async () => {
    const world = createWorld()
    world.blind.add('a/why')
    during(world, { 30: ['a/shown', '1'] })
    await walked(world, effect())
    expect(asked(world, 'why')).toBeGreaterThan(2)
    expect(verdict(world)).toMatchObject({ kind: 'changed' })
    expect(reasons(world)).toHaveLength(1)
  })

  test('throws does so, too', async () => {
    const world = createWorld()
    during(world, { 30: ['a/shown', '1'] })
    const broken: Look<readonly Cause[]> = {
      read: () => {
        throw new Error('a defect')
      },
    }
    await walked(world, effect({ why: broken }))
    expect(verdict(world)).toMatchObject({ kind: 'changed' })
  })

  test('is never answered holds nothing up', async () => {
    const world = createWorld()
    during(world, { 30: ['a/shown', '1'] })
    const ports = { ...world.ports }
    Object.assign(world.ports, {
      ask: (question: Question) => {
        const answer = ports.ask(question)
        return question.host === host('b') ? new Promise(() => undefined) : answer
      },
    })
    const elsewhere = map(value('why', { at: { host: host('b') } }), (): readonly Cause[] => [])
    await walked(world, effect({ why: elsewhere }))
    expect(asked(world, 'why')).toBe(1)
    expect(verdict(world)).toMatchObject({ kind: 'changed' })
  })
})

test('no question is put while another is under way', () => {
  let time = 0
  let questions = 0
  const waiting = createWaiting({
    now: () => (time += 10_000),
    tell: () => undefined,
    ask: () => {
      questions += 1
      return new Promise(() => undefined)
    },
  })
  for (let look = 0; look < 5; look += 1) waiting('x')
  expect(questions).toBe(1)
})

describe('a check that is patient', () => {
  test('says what it still finds, and is fine once that is gone', async () => {
    const world = createWorld()
    during(world, { 10: ['a/shown', '0'], 20: ['a/shown', '1'] })
    await walked(world, patient())
    expect(reasons(world)).toEqual(['x is away', 'x is 0'])
    expect(verdict(world)).toMatchObject({ kind: 'ok' })
  })

  test('fails with what is behind it first, early when nothing will mend it', async () => {
    const world = createWorld({ 'a/why': 'dead over' })
    await walked(world, patient())
    expect(verdict(world)).toMatchObject({ problems: [{ message: 'dead' }, { message: 'x is away' }] })
    expect(world.ports.now()).toBeLessThan(15_000)
  })

  test('names a few of many findings', async () => {
    const world = createWorld()
    during(world, { 5: ['a/shown', '1'] })
    const many = ['a', 'b', 'c', 'd', 'e'].map((message) => ({ level: 'failure' as const, message }))
    const look = value('shown', { stays: 'moment' })
    await walked(world, check({ id: 'up', title: 'Up', look, settle, problems: (have) => (have === '1' ? [] : many) }))
    expect(reasons(world)).toEqual(['a; b; c; and 2 more'])
  })

  test('that cannot look at all says that, and why', async () => {
    const world = createWorld({ 'a/why': 'dead 1' })
    world.blind.add('a/shown')
    await walked(world, patient())
    expect(verdict(world)).toEqual({ kind: 'unreadable', why: 'dead; a/shown is blind' })
  })
})
