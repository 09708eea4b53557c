import { describe, expect, test, vi } from 'vitest'
import { createMemory } from '../../src/engine/memory.js'
import { walk } from '../../src/engine/run.js'
import { drift } from '../../src/engine/expect.js'
import type { Graph, Stage } from '../../src/model/graph.js'
import { always, chain, map } from '../../src/model/look.js'
import { KhactlError } from '../../src/model/error.js'
import { changed, check, step, type Step } from '../../src/model/step.js'
import type { Question, Send } from '../../src/engine/ports.js'
import { createWorld, host, value, want, type World } from '../support/world.js'

const stage = (id: string, lanes: Readonly<Record<string, readonly Step[]>>, more: Partial<Stage> = {}): Stage => ({
  id,
  title: id,
  after: [],
  width: 30,
  last: null,
  blockedBy: [],
  kind: 'changes',
  lanes: Object.entries(lanes).map(([name, steps]) => ({ host: host(name), steps, may: 'change' })),
  ...more,
})

const graph = (stages: readonly Stage[], leader: Partial<Graph['leader']> = {}): Graph => ({
  stages,
  leader: { candidates: [], healthy: always(false), founding: null, ...leader },
})

const plan = (world: World, of: Graph) =>
  walk({
    graph: of,
    memory: createMemory(),
    ports: world.ports,
    apply: null,
    failed: new Set(),
    interrupted: () => false,
  })

const up = async (world: World, of: Graph) => {
  const { plan: expected } = await plan(world, of)
  world.asked.length = 0
  return walk({
    graph: of,
    memory: createMemory(),
    ports: world.ports,
    apply: { send: world.send, expected },
    failed: new Set(),
    interrupted: () => false,
  })
}

const kindsOf = (walked: Awaited<ReturnType<typeof plan>>) =>
  walked.plan.entries.map(({ host: name, step: id, verdict }) => `${name} ${id} ${verdict.kind}`)

describe('a plan', () => {
  test('sends nothing and asks each host once for everything', async () => {
    const world = createWorld({ 'a/x': '1' })
    const walked = await plan(
      world,
      graph([
        stage('one', { a: [want('x', '1'), want('y', '2')], b: [want('x', '1')] }),
        stage('two', { a: [want('z', '3')] }, { after: ['one'] }),
      ]),
    )
    expect(world.sent).toEqual([])
    expect(world.asked.map(({ host: name, facts }) => `${name} ${facts.length}`)).toEqual(['a 3', 'b 1'])
    expect(kindsOf(walked)).toEqual(['a x ok', 'a y would-change', 'b x would-change', 'a z would-change'])
  })

  test('says unknown behind a pending step, and never guesses', async () => {
    const walked = await plan(
      createWorld(),
      graph([stage('one', { a: [want('x', '1'), want('y', '2', { after: ['x'] })] })]),
    )
    expect(walked.plan.entries[1]?.verdict).toEqual({ kind: 'unknown', until: 'x' })
  })

  test('an unreadable fact is not an absent one, and other steps go on', async () => {
    const world = createWorld()
    world.blind.add('a/x')
    const walked = await plan(world, graph([stage('one', { a: [want('x', '1'), want('y', '2')] })]))
    expect(kindsOf(walked)).toEqual(['a x unreadable', 'a y would-change'])
  })

  test('asks the facts of a chain of all steps in one further request', async () => {
    const deep = (name: string): Step =>
      step({
        id: name,
        title: name,
        look: chain(value(name), () => value(`${name}-text`)),
        diff: (have) => changed({ path: name, from: have, to: 'new' }),
        apply: () => Promise.resolve(),
      })
    const world = createWorld()
    await plan(world, graph([stage('one', { a: ['x', 'y', 'z'].map(deep) })]))
    expect(world.asked.map(({ facts }) => facts.length)).toEqual([3, 3])
  })

  test('leader facts wait for the founding step where there is no leader, and are shared where there is one', async () => {
    const node = (name: string): Step =>
      step({
        id: name,
        title: name,
        look: value('nodes', { stays: 'world', at: 'leader' }),
        diff: () => [],
        apply: () => Promise.resolve(),
      })
    const lanes = { a: [node('label')], b: [node('label')] }
    const world = createWorld({ 'b/healthy': 'yes' })
    const rule = { candidates: [host('a'), host('b')], founding: 'init' }
    const healthy = { read: value('healthy').read } as Graph['leader']['healthy']
    const none = await plan(world, graph([stage('one', lanes)], { ...rule, healthy: always(false) }))
    expect(none.plan.entries.map(({ verdict }) => verdict)).toEqual([
      { kind: 'unknown', until: 'init' },
      { kind: 'unknown', until: 'init' },
    ])
    world.asked.length = 0
    const some = await plan(world, graph([stage('one', lanes)], { ...rule, healthy }))
    expect(kindsOf(some)).toEqual(['a label ok', 'b label ok'])
    expect(world.asked.map(({ host: name, channel }) => `${name} ${channel}`)).toEqual(['a own', 'b own', 'b own'])
  })
})

describe('an up', () => {
  test('makes the changes of the plan, verifies them, and the second one changes nothing', async () => {
    const world = createWorld({ 'a/x': '1' })
    const one = graph([stage('one', { a: [want('x', '1'), want('y', '2')], b: [want('x', '1')] })])
    expect(kindsOf(await up(world, one))).toEqual(['a x ok', 'a y changed', 'b x changed'])
    expect(world.sent.toSorted()).toEqual(['a: set y 2', 'b: set x 1'])
    expect(kindsOf(await up(world, one))).toEqual(['a x ok', 'a y ok', 'b x ok'])
    expect(world.sent).toHaveLength(2)
  })

  test('fails a step whose change does not show, naming what still differs, and stops that host only', async () => {
    const world = createWorld()
    const lie = step({
      id: 'lie',
      title: 'lie',
      look: value('x'),
      diff: (have) => changed({ path: 'x', from: have, to: '1' }),
      apply: (at) => at.self.run({ parts: ['nothing'] }),
    })
    const walked = await up(world, graph([stage('one', { a: [lie, want('y', '2')], b: [want('y', '2')] })]))
    expect(kindsOf(walked)).toEqual(['a lie failed', 'a y skipped', 'b y changed'])
    expect(walked.plan.entries[0]?.verdict).toMatchObject({
      failure: { message: 'after the change, still different: x is absent, wanted 1' },
    })
    expect([...walked.failed]).toEqual(['a'])
  })

  test('a check behind a pending step is ok when it holds already, unknown when it does not', async () => {
    const holds = (id: string): Step =>
      check({
        id,
        title: id,
        after: ['x'],
        look: value(id),
        problems: (have) => (have === 'yes' ? [] : [{ level: 'failure', message: id }]),
      })
    const world = createWorld({ 'a/now': 'yes' })
    const walked = await plan(world, graph([stage('one', { a: [want('x', '1'), holds('now'), holds('later')] })]))
    expect(kindsOf(walked)).toEqual(['a x would-change', 'a now ok', 'a later unknown'])
  })

  test('a check that may settle is unknown, not failed, while a change is pending on any host; others fail', async () => {
    const holds = (id: string, settle: Step['settle']): Step =>
      check({ id, title: id, look: value(id), problems: () => [{ level: 'failure', message: id }], settle })
    const lanes = (steps: readonly Step[]) => [
      stage('one', { a: steps }),
      stage('two', { b: [holds('behaviour', { within: 1, every: 1 }), holds('version', null)] }, { after: ['one'] }),
    ]
    const pending = await plan(createWorld(), graph(lanes([want('x', '1')])))
    expect(kindsOf(pending)).toEqual(['a x would-change', 'b behaviour unknown', 'b version problem'])
    const none = await plan(createWorld(), graph(lanes([])))
    expect(kindsOf(none)).toEqual(['b behaviour problem', 'b version problem'])
  })

  test('gives a check that may settle its time before it counts as failed; a plan looks once', async () => {
    const calm = (within: number): Step =>
      check({
        id: 'calm',
        title: 'Have calm',
        look: value('calm', { stays: 'moment' }),
        problems: (have) => (have === 'yes' ? [] : [{ level: 'failure', message: 'no calm' }]),
        settle: { within, every: 100 },
      })
    const verdict = async (within: number, looks: number) => {
      const world = createWorld({ 'a/calm': 'yes' })
      world.slow.set('a/calm', looks)
      return kindsOf(await up(world, graph([stage('one', { a: [calm(within)] })])))
    }
    expect(await verdict(1000, 5)).toEqual(['a calm ok'])
    expect(await verdict(50, 9)).toEqual(['a calm problem'])
  })

  test('in a stage that is left to another run waits for nothing that is pending there', async () => {
    const waitsFor = async (cut: Partial<Stage>) => {
      const world = createWorld()
      const calm = check({
        id: 'calm',
        title: 'Have calm',
        look: value('calm', { stays: 'moment' }),
        problems: () => [{ level: 'failure', message: 'no calm' }],
        settle: { within: 1000, every: 100 },
      })
      const done = stage('done', { a: [want('x', '1')] })
      const rest = stage('rest', { a: [want('y', '1'), calm] }, { after: ['done'], ...cut })
      const looks = { ...rest, lanes: rest.lanes.map((lane) => ({ ...lane, may: 'look' as const })) }
      const walked = await up(world, graph([done, looks]))
      expect(kindsOf(walked)).toEqual(['a x changed', 'a y would-change', 'a calm unknown'])
      return world.asked.length
    }
    expect(await waitsFor({ cut: 'left' })).toBeLessThan(5)
    expect(await waitsFor({})).toBeGreaterThan(10)
  })

  test('waits with settle until the world shows the change', async () => {
    const world = createWorld()
    const one = graph([stage('one', { a: [want('x', '1', { settle: { within: 1000, every: 100 } })] })])
    const { plan: expected } = await plan(world, one)
    world.slow.set('a/x', 3)
    const walked = await walk({
      graph: one,
      memory: createMemory(),
      ports: world.ports,
      apply: { send: world.send, expected },
      failed: new Set(),
      interrupted: () => false,
    })
    expect(kindsOf(walked)).toEqual(['a x changed'])
  })

  test('a failing command names command, status and last lines; a blocked stage does not start', async () => {
    const world = createWorld()
    world.failing.add('a/x')
    const walked = await up(
      world,
      graph([
        stage('one', { a: [want('x', '1')], b: [want('x', '1')] }),
        stage('two', { b: [want('y', '1')] }, { after: ['one'], blockedBy: [host('a')] }),
        stage('three', { b: [want('z', '1')] }, { after: ['one'] }),
      ]),
    )
    expect(kindsOf(walked)).toEqual(['a x failed', 'b x changed', 'b y skipped', 'b z changed'])
    expect(walked.plan.entries[0]?.verdict).toMatchObject({
      failure: { code: 'step.command', command: 'set x 1', status: 3, tail: ['no', 'why'] },
    })
  })

  test('a plan says what is left undone while a host is away, and what is right already all the same', async () => {
    const world = createWorld({ 'b/y': '1' })
    const { plan: made } = await walk({
      graph: graph([stage('two', { b: [want('x', '1'), want('y', '1')] }, { blockedBy: [host('a')] })]),
      memory: createMemory(),
      ports: world.ports,
      apply: null,
      failed: new Set([host('a')]),
      interrupted: () => false,
    })
    expect(made.entries.map(({ verdict }) => verdict)).toEqual([
      { kind: 'skipped', why: 'not done while a is away' },
      { kind: 'ok', problems: [] },
    ])
  })

  test('a change that the plan did not announce is refused', async () => {
    const world = createWorld()
    const one = graph([stage('one', { a: [want('x', '1')] })])
    const { plan: expected } = await plan(createWorld({ 'a/x': '1' }), one)
    const walked = await walk({
      graph: one,
      memory: createMemory(),
      ports: world.ports,
      apply: { send: world.send, expected },
      failed: new Set(),
      interrupted: () => false,
    })
    expect(kindsOf(walked)).toEqual(['a x failed'])
    expect(world.sent).toEqual([])
  })

  test('a failing check of any host stops the run before the first change, with all failures told', async () => {
    const world = createWorld()
    const broken = check({
      id: 'memory',
      title: 'memory',
      look: value('memory'),
      problems: () => [{ level: 'failure', message: 'too little memory' }],
    })
    const walked = await up(
      world,
      graph([
        stage('checks', { a: [broken], b: [broken] }, { kind: 'checks' }),
        stage('two', { a: [want('x', '1')] }, { after: ['checks'] }),
      ]),
    )
    expect(kindsOf(walked)).toEqual(['a memory problem', 'b memory problem', 'a x skipped'])
    expect(world.sent).toEqual([])
  })

  test('moments are believed until the next command anywhere; a check that fails looks again before that counts', async () => {
    const moment = (name: string, holds: 'yes' | 'no' = 'yes'): Step =>
      check({
        id: name,
        title: name,
        look: value('clock', { stays: 'moment' }),
        problems: (have) => (have === holds ? [] : [{ level: 'failure', message: 'no' }]),
      })
    const asksOf = async (steps: readonly Step[]) => {
      const world = createWorld({ 'a/clock': 'yes' })
      await up(world, graph([stage('one', { a: steps }, { kind: 'changes' })]))
      return world.asked.flatMap(({ facts }) => facts.filter(({ key }) => key.includes('clock'))).length
    }
    expect(await asksOf([moment('m1'), moment('m2')])).toBe(1)
    expect(await asksOf([moment('m1'), want('x', '1'), moment('m2')])).toBe(2)
    expect(await asksOf([moment('m1', 'no')])).toBe(2)
  })

  test('once the last change of a host is made, one request tells all that is left to be seen there', async () => {
    const world = createWorld({ 'a/y': '1', 'a/z': '1' })
    const three = graph([
      stage('one', { a: [want('w', '1'), want('x', '1')] }),
      stage('two', { a: [want('y', '1')] }, { after: ['one'] }),
      stage('three', { a: [want('z', '1')] }, { after: ['two'] }),
    ])
    await up(world, three)
    expect(world.asked.map(({ facts }) => facts.length)).toEqual([4, 2, 3])
  })

  test('what is due in stages that are left out is none of its changes', async () => {
    const world = createWorld({ 'a/y': '1' })
    const left = stage('three', { a: [want('z', '1')] }, { after: ['two'] })
    const three = graph([
      stage('one', { a: [want('w', '1'), want('x', '1')] }),
      stage('two', { a: [want('y', '1')] }, { after: ['one'] }),
      { ...left, lanes: left.lanes.map((lane) => ({ ...lane, may: 'look' as const })) },
    ])
    await up(world, three)
    expect(world.asked.map(({ facts }) => facts.length)).toEqual([4, 2, 3])
    expect(world.sent).toEqual(['a: set w 1', 'a: set x 1'])
  })

  test('a look ends although other lanes keep running commands on the host it asks', async () => {
    const quick = createWorld({ 'b/healthy': 'yes' })
    const pause = (ms: number) => new Promise((next) => setTimeout(next, ms))
    const ask = async (question: Question) => {
      await pause(5)
      return quick.ports.ask(question)
    }
    const send: Send = async (...sent) => {
      await pause(1)
      return quick.send(...sent)
    }
    const world: World = { ...quick, send, ports: { ...quick.ports, ask } }
    const busy = (name: string, mints: number): Step =>
      step({
        id: name,
        title: name,
        look: value(name),
        diff: (have) => changed({ path: name, from: have, to: '1' }),
        apply: async (at) => {
          const leader = await at.at('leader')
          for (let n = 0; n < mints; n += 1) await leader.run({ parts: ['mint it'] })
          await at.self.run({ parts: [`set ${name} 1`] })
        },
      })
    // The first is still minting when the others look for the leader again.
    const lanes = {
      w1: [busy('join', 150)],
      w2: [busy('join', 5), busy('more', 5)],
      w3: [busy('join', 9), busy('more', 5)],
    }
    const healthy = value('healthy') as unknown as Graph['leader']['healthy']
    const one = graph([stage('one', lanes)], { candidates: [host('b')], healthy })
    expect(kindsOf(await up(world, one)).filter((line) => !line.endsWith(' changed'))).toEqual([])
  })

  test('a check in a lane that may only look is patient too, and one that waits for nothing any more fails nobody', async () => {
    const world = createWorld({ 'a/ready': 'yes' })
    const ready = check({
      id: 'ready',
      title: 'ready',
      look: value('ready'),
      settle: { within: 1000, every: 10 },
      problems: (have) => (have === 'yes' ? [] : [{ level: 'failure', message: 'not ready' }]),
    })
    const waits = check({
      id: 'waits',
      title: 'waits',
      look: { read: () => ({ status: 'unknown', until: 'join' }) },
      problems: () => [],
    })
    const lanes = stage('verify', { a: [waits, ready] }, { after: ['one'] })
    const limited = { ...lanes, lanes: lanes.lanes.map((lane) => ({ ...lane, may: 'look' as const })) }
    const one = graph([stage('one', { b: [want('x', '1')] }), limited])
    const { plan: expected } = await plan(world, one)
    world.slow.set('a/ready', 3)
    const walked = await walk({
      graph: one,
      memory: createMemory(),
      ports: world.ports,
      apply: { send: world.send, expected },
      failed: new Set(),
      interrupted: () => false,
    })
    expect(kindsOf(walked)).toEqual(['b x changed', 'a waits unknown', 'a ready ok'])
  })

  test('checks behind a failing check still speak, changes behind it are not made', async () => {
    const bad = (id: string): Step =>
      check({ id, title: id, look: value(id), problems: () => [{ level: 'failure', message: id }] })
    const world = createWorld()
    const walked = await up(world, graph([stage('one', { a: [bad('c1'), bad('c2'), want('x', '1')] })]))
    expect(kindsOf(walked)).toEqual(['a c1 problem', 'a c2 problem', 'a x skipped'])
    expect(world.sent).toEqual([])
  })

  test('a patient check hears the interrupt', async () => {
    const world = createWorld()
    const never = check({
      id: 'never',
      title: 'never',
      look: value('never'),
      settle: { within: 1e9, every: 10 },
      problems: () => [{ level: 'failure', message: 'not yet' }],
    })
    let looks = 0
    const walked = await walk({
      graph: graph([stage('one', { a: [never] })]),
      memory: createMemory(),
      ports: world.ports,
      apply: { send: world.send, expected: { entries: [] } },
      failed: new Set(),
      interrupted: () => (looks += 1) > 3,
    })
    expect(kindsOf(walked)).toEqual(['a never skipped'])
    expect(world.asked.length).toBeLessThan(6)
  })

  test('what goes on without the run, or is still to show, is told as such when the run is stopped', async () => {
    const world = createWorld()
    let stopped = false
    const left: Step = { ...want('x', '1'), look: map(value('x'), () => leaving) }
    const leaving = {
      changes: changed({ path: 'x', from: null, to: '1' }),
      problems: [],
      apply: async () => {
        await vi.waitFor(() => expect(world.sent).toContain('b: set y 1'))
        stopped = true
        throw new KhactlError('run.detached', { message: 'x goes on on a', exit: 'interrupted' })
      },
    }
    world.slow.set('b/y', 1e6)
    const slowly = want('y', '1', { settle: { within: 1e9, every: 10 } })
    const of = graph([stage('one', { a: [left, want('z', '1')], b: [slowly] })])
    const { plan: expected } = await plan(world, of)
    const walked = await walk({
      ...{ graph: of, memory: createMemory(), ports: world.ports, failed: new Set() },
      apply: { send: world.send, expected },
      interrupted: () => stopped,
    })
    expect(walked.plan.entries.map(({ verdict }) => verdict)).toEqual([
      { kind: 'detached', why: 'x goes on on a' },
      { kind: 'skipped', why: 'interrupted' },
      { kind: 'detached', why: 'b: Set y: that is done, but whether it took effect was not waited for' },
    ])
  })

  test('a lane that may only look is shown and not changed', async () => {
    const world = createWorld()
    const one = stage('one', { a: [want('x', '1')] })
    const walked = await up(world, graph([{ ...one, lanes: one.lanes.map((lane) => ({ ...lane, may: 'look' })) }]))
    expect(kindsOf(walked)).toEqual(['a x would-change'])
    expect(world.sent).toEqual([])
  })
})

test('drift names what a second plan no longer says', async () => {
  const one = graph([stage('one', { a: [want('x', '1'), want('y', '1')] })])
  const first = await plan(createWorld(), one)
  const second = await plan(createWorld({ 'a/x': '7' }), one)
  expect(drift(first.plan, second.plan).map(({ then }) => then.step)).toEqual(['x'])
  const checks = graph([
    stage('one', {
      a: [
        check({
          id: 'c',
          title: 'c',
          look: value('c'),
          problems: (have) => (have === null ? [] : [{ level: 'failure', message: have }]),
        }),
      ],
    }),
  ])
  const [well, ill] = [await plan(createWorld(), checks), await plan(createWorld({ 'a/c': 'bad' }), checks)]
  expect(drift(well.plan, ill.plan)).toEqual([])
})
