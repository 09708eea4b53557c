// A command without a known outcome: a look decides, the change is made again where it is due, and at most so often.
import { describe, expect, test } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import { walk } from '../../src/engine/run.js'
import type { Graph, Stage } from '../../src/model/graph.js'
import type { Event } from '../../src/model/event.js'
import { KhactlError } from '../../src/model/error.js'
import { all, always } from '../../src/model/look.js'
import { changed, step, type Step } from '../../src/model/step.js'
import { exitOf } from '../support/exit-of.js'
import { createWorld, host, value, want, type World } from '../support/world.js'

const stage = (id: string, lanes: Readonly<Record<string, readonly Step[]>>, more: Partial<Stage> = {}): Stage => ({
  ...{ id, title: id, after: [], width: 30, last: null, blockedBy: [], kind: 'changes' },
  lanes: Object.entries(lanes).map(([name, steps]) => ({ host: host(name), steps, may: 'change' })),
  ...more,
})

const up = async (world: World, stages: readonly Stage[]) => {
  const graph: Graph = { stages, leader: { candidates: [], healthy: always(false), founding: null } }
  const of = { graph, ports: world.ports, failed: new Set<never>(), interrupted: () => false }
  const { plan } = await walk({ ...of, memory: createMemory(), apply: null })
  world.events.length = 0
  return walk({ ...of, memory: createMemory(), apply: { send: world.send, expected: plan } })
}

const verdicts = ({ events }: World) =>
  events.flatMap((event) => (event.type === 'step-ended' ? [`${event.host} ${event.step} ${event.verdict.kind}`] : []))
const notes = ({ events }: World) => events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
const failure = (events: readonly Event[]) =>
  events.flatMap((event) =>
    event.type === 'step-ended' && event.verdict.kind === 'failed' ? [event.verdict.failure] : [],
  )[0]

describe('a command whose answer is lost', () => {
  test('after it ran: a look finds it done, and it is not sent again', async () => {
    const world = createWorld()
    world.losing.set('a/x', ['after'])
    await up(world, [stage('one', { a: [want('x', '1'), want('y', '2')] })])
    expect(world.sent).toEqual(['a: set x 1', 'a: set y 2'])
    expect(verdicts(world)).toEqual(['a x changed', 'a y changed'])
    expect(notes(world)).toEqual(['a: the connection was lost; the look afterwards finds the change made'])
  })

  test('before it ran: a look finds it due, and it is sent again', async () => {
    const world = createWorld()
    world.losing.set('a/x', ['before'])
    await up(world, [stage('one', { a: [want('x', '1')] })])
    expect(world.sent).toEqual(['a: set x 1', 'a: set x 1'])
    expect(verdicts(world)).toEqual(['a x changed'])
    expect(notes(world)[0]).toContain('finds it still due: it is made again')
  })

  test('half-way through a step: only what is left is due, and the plan had announced it', async () => {
    const both = step({
      id: 'both',
      title: 'Set both',
      look: all({ p: value('p'), q: value('q') }),
      diff: ({ p, q }) => [...changed({ path: 'p', from: p, to: '1' }), ...changed({ path: 'q', from: q, to: '2' })],
      apply: async ({ self }, { p, q }) => {
        if (p !== '1') await self.run({ parts: ['set p 1'] })
        if (q !== '2') await self.run({ parts: ['set q 2'] })
      },
    })
    const world = createWorld()
    world.losing.set('a/q', ['before'])
    await up(world, [stage('one', { a: [both] })])
    expect(world.sent).toEqual(['a: set p 1', 'a: set q 2', 'a: set q 2'])
    expect(verdicts(world)).toEqual(['a both changed'])
  })

  test('three times: the step fails, with what is still to do, and as a host that cannot be reached', async () => {
    const world = createWorld()
    world.losing.set('a/x', ['before', 'before', 'before', 'before'])
    await up(world, [stage('one', { a: [want('x', '1')] })])
    expect(world.sent).toHaveLength(3)
    expect(failure(world.events)).toMatchObject({
      code: 'ssh.lost',
      message: 'a: the connection was lost; still to do: x',
      status: null,
    })
    expect(exitOf(world.events)).toBe('unreachable')
  })

  test('of a host that does not come back: the step is not told done', async () => {
    const world = createWorld()
    world.losing.set('a/x', ['after'])
    await up({ ...world, send: (...args) => (world.blind.add('a/x'), world.send(...args)) }, [
      stage('one', { a: [want('x', '1')] }),
    ])
    expect(failure(world.events)?.message).toBe(
      'a: the connection was lost; the host could not be looked at afterwards: a/x is blind',
    )
  })
})

test('a job that ended unseen is judged by a look, and not begun a second time', async () => {
  const unseen = new KhactlError('job.unknown', { message: 'a restarted', exit: 'failed', status: null })
  const job = (name: string): Step =>
    step({
      id: name,
      title: name,
      look: value(name),
      diff: (have) => changed({ path: name, from: have, to: '1' }),
      apply: async ({ self }) => {
        await self.run({ parts: [`set ${name} 1`] })
        throw unseen
      },
    })
  const world = createWorld()
  await up(world, [stage('one', { a: [job('done')] })])
  expect([world.sent, verdicts(world)]).toEqual([['a: set done 1'], ['a done changed']])
  const slow = createWorld()
  slow.slow.set('a/half', 9)
  await up(slow, [stage('one', { a: [job('half')] })])
  expect([slow.sent, failure(slow.events)?.message]).toEqual([['a: set half 1'], 'a restarted; still to do: half'])
})

test('six hosts, one dies in the middle: the others finish, and the run says which did not (R-I4)', async () => {
  const names = ['m1', 'm2', 'm3', 'w1', 'w2', 'w3']
  const world = createWorld()
  world.losing.set('w3/b', ['before', 'before', 'before'])
  const steps = () => [want('a', '1'), want('b', '1'), want('c', '1')]
  const lanes = Object.fromEntries(names.map((name) => [name, steps()]))
  const later = Object.fromEntries(names.map((name) => [name, [want('d', '1')]]))
  await up(world, [stage('prepare', lanes), stage('join', later, { after: ['prepare'] })])
  const ends = verdicts(world)
  expect(ends.filter((line) => line.endsWith(' changed'))).toHaveLength(5 * 4 + 1)
  expect(ends.filter((line) => line.startsWith('w3'))).toEqual([
    'w3 a changed',
    'w3 b failed',
    'w3 c skipped',
    'w3 d skipped',
  ])
  expect(exitOf(world.events)).toBe('unreachable')
})

test('a master that is lost in its preparation lets no later join of a master begin (R-I4)', async () => {
  const masters = ['m1', 'm2', 'm3']
  const world = createWorld()
  world.losing.set('m2/prepared', ['before', 'before', 'before'])
  await up(world, [
    stage('prepare', Object.fromEntries([...masters, 'w1'].map((name) => [name, [want('prepared', '1')]]))),
    stage(
      'join-masters',
      { m3: [want('joined', '1')] },
      { after: ['prepare'], width: 1, blockedBy: masters.map((name) => host(name)) },
    ),
    stage('join-workers', { w1: [want('joined', '1')] }, { after: ['join-masters'] }),
  ])
  expect(verdicts(world)).toContain('m3 joined skipped')
  expect(world.sent).not.toContain('m3: set joined 1')
  expect(world.sent).toContain('w1: set joined 1')
  expect(exitOf(world.events)).toBe('unreachable')
})
