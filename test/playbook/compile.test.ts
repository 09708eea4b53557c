import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tcpAnswer } from '../../src/facts/preflight/tcp.js'
import type { Graph } from '../../src/model/graph.js'
import type { HostName, HostState } from '../../src/model/host.js'
import type { Inventory, Role } from '../../src/model/inventory.js'
import { always, see } from '../../src/model/look.js'
import type { ClusterView } from '../../src/model/membership.js'
import type { Task } from '../../src/model/playbook.js'
import { check } from '../../src/model/step.js'
import { compile, type Cut } from '../../src/playbook/compile.js'
import { loadPlaybook } from '../../src/playbook/load.js'
import { registry } from '../../src/tasks/registry.js'
import { entries, wishes } from '../support/scope.js'
import { want } from '../support/world.js'

const upFile = new URL('../../playbooks/up.yaml', import.meta.url)
const upText = readFileSync(upFile, 'utf8')
const names = 'lb1 lb2 m1 m2 m3 w1 w2'.split(' ')
const role = (name: string): Role => (name.startsWith('lb') ? 'haproxy' : name.startsWith('m') ? 'master' : 'worker')
const inventory = {
  hosts: names.map((name) => ({ name, roles: [role(name)], nodeIP: name })),
  leaving: [],
} as unknown as Inventory

/** The real names, limits and stops of the tasks; their steps are one each. */
const tasks: ReadonlyMap<string, Task> = new Map(
  [...registry].map(([name, task]) => [name, { ...task, steps: () => [want(name, '1')] }]),
)
const healthy = (name: string): HostState => ({ kind: 'healthy', role: name.startsWith('w') ? 'worker' : 'master' })
const all: Cut = { hosts: null, stages: null, from: null, width: null }

interface Given {
  readonly cut: Cut
  readonly of: Inventory
  readonly view: ClusterView | null
  readonly by: typeof tasks
}

const graphOf = (
  states: Readonly<Record<string, HostState>> = {},
  { cut = all, of = inventory, view = null, by = tasks }: Partial<Given> = {},
): Graph =>
  compile({
    playbook: loadPlaybook({ file: 'up.yaml', text: upText }, tasks),
    inventory: of,
    registry: by,
    observed: new Map(names.map((name) => [name as HostName, states[name] ?? { kind: 'fresh' }])),
    endpointAnswers: null,
    view,
    wishes,
    entries,
    looks: { healthyMaster: always(false), holdsVip: always(false) },
    founding: 'init',
    cut,
  })
const stageOf = (graph: Graph, id: string) => {
  const stage = graph.stages.find((one) => one.id === id)
  if (!stage) throw new Error(`no stage ${id}`)
  return { ...stage, hosts: stage.lanes.map(({ host }) => host), may: stage.lanes.map(({ may }) => may) }
}

describe('up.yaml', () => {
  test('on fresh hosts the first master founds, the others join one at a time, and load balancers come one by one', () => {
    const graph = graphOf()
    expect(stageOf(graph, 'init').hosts).toEqual(['m1'])
    expect(stageOf(graph, 'second-master').hosts).toEqual(['m2'])
    expect(stageOf(graph, 'masters')).toMatchObject({ hosts: ['m3'], width: 1, after: ['second-master'] })
    expect(stageOf(graph, 'endpoint')).toMatchObject({ hosts: ['lb1', 'lb2'], width: 1, after: ['leave-endpoint'] })
    expect(graph.leader).toMatchObject({ candidates: ['m1', 'm2', 'm3'], founding: 'init' })
  })

  test('nobody joins beside the second member of etcd; workers join beside the masters behind it', () => {
    expect(stageOf(graphOf(), 'workers').after).toEqual(['second-master'])
    const pair = graphOf({ m1: healthy('m1'), m2: healthy('m2') })
    expect(stageOf(pair, 'second-master').hosts).toEqual([])
    expect(stageOf(pair, 'masters').hosts).toEqual(['m2', 'm3'])
    expect(stageOf(graphOf({ m3: healthy('m3') }), 'second-master').hosts).toEqual(['m1'])
  })

  test('in a living cluster the first healthy master leads, wherever it stands in the list', () => {
    const graph = graphOf({ m2: healthy('m2'), m3: healthy('m3') })
    expect(stageOf(graph, 'init').hosts).toEqual(['m2'])
    expect(graph.leader).toMatchObject({ candidates: ['m2', 'm1', 'm3'], founding: null })
  })

  test('a failed load balancer stops init and joins, a failed leader stops the workers, a failed worker nobody', () => {
    const graph = graphOf()
    expect(stageOf(graph, 'init').blockedBy).toEqual(expect.arrayContaining(['lb1', 'lb2']))
    expect(stageOf(graph, 'workers').blockedBy).toEqual(expect.arrayContaining(['lb1', 'lb2', 'm1']))
    expect(graph.stages.flatMap(({ blockedBy }) => blockedBy).filter((name) => name.startsWith('w'))).toEqual([])
  })

  test('a load balancer that is away does not keep the other from being mended, and --limit sets it aside', () => {
    const away = { lb1: { kind: 'unreachable', why: 'off' } as const, m1: healthy('m1') }
    expect(stageOf(graphOf(away), 'endpoint')).toMatchObject({ hosts: ['lb2'], blockedBy: ['lb2'] })
    expect(stageOf(graphOf(away), 'workers').blockedBy).toContain('lb1')
    const cut = { ...all, hosts: ['w1' as HostName] }
    expect(stageOf(graphOf(away, { cut }), 'workers')).toMatchObject({ blockedBy: [], may: ['change', 'look'] })
  })

  test('--stage and --from leave the others to be looked at', () => {
    const changes = (cut: Cut): readonly string[] =>
      graphOf({}, { cut }).stages.flatMap(({ id, lanes }) => (lanes.some(({ may }) => may === 'change') ? [id] : []))
    expect(changes({ ...all, stages: ['endpoint'] })).toEqual(['endpoint'])
    expect(changes({ ...all, stages: ['masters'] })).toEqual(['second-master', 'masters'])
    expect(changes({ ...all, from: 'masters' }).slice(0, 2)).toEqual(['second-master', 'masters'])
    expect(changes({ ...all, from: 'cluster' })).toEqual(['cluster', 'certificates', 'verify'])
  })

  test('probes that disturb or wait are made for the stages of the run alone', () => {
    const look = see(tcpAnswer({ address: '10.0.0.9', port: 6443 }))
    const probe = (id: string) => check({ id, title: 'Reach a port', look, problems: () => [] })
    const probing = new Map([...tasks].map(([name, task]) => [name, { ...task, steps: () => [probe(name)] }]))
    const asked = (cut: Cut) =>
      graphOf({}, { cut, by: probing })
        .stages.filter(({ lanes }) => lanes[0]?.steps[0]?.look.read({ get: () => undefined }).status === 'needs')
        .map(({ id }) => id)
    expect(asked({ ...all, stages: ['prepare'] })).toEqual(['prepare'])
    expect(asked({ ...all, stages: ['prepare', 'endpoint'] })).toContain('preflight')
    expect(asked({ ...all, from: 'runtime' })).toContain('preflight')
    expect(asked(all)).toContain('preflight')
    const { steps } =
      stageOf(graphOf({}, { cut: { ...all, stages: ['prepare'] }, by: probing }), 'preflight').lanes[0] ?? {}
    expect(steps?.[0]?.look.read({ get: () => undefined })).toEqual({
      status: 'unreadable',
      why: 'not asked, as the stage preflight is left out',
    })
  })

  test('a removal is one thing: --stage and --from only look at its parts', () => {
    const leaving = [{ name: 'm3', roles: ['master'], nodeIP: 'm3', state: 'absent' }]
    const hosts = inventory.hosts.filter(({ name }) => name !== 'm3')
    const mayOf = (cut: Cut) =>
      graphOf(
        { m1: healthy('m1'), m2: healthy('m2'), m3: healthy('m3') },
        { cut, of: { hosts, leaving } as unknown as Inventory, view: { members: [], nodes: [], version: '1.30.4' } },
      )
        .stages.filter(({ id }) => ['leave', 'entries'].includes(id))
        .flatMap(({ lanes }) => lanes.map(({ may }) => may))
    expect(mayOf(all)).toEqual(['change', 'change'])
    expect(mayOf({ ...all, from: 'cluster' })).toEqual(['look', 'look'])
    expect(mayOf({ ...all, stages: ['entries'] })).toEqual(['look', 'look'])
  })

  test('a cluster that may exist is never founded again', () => {
    expect(() => graphOf({ m2: { kind: 'unreachable', why: 'off' } })).toThrow(
      /no master is healthy.*m2 is unreachable/,
    )
  })
})

describe('a playbook that cannot be run is refused with everything that is wrong', () => {
  test('unknown tasks with the nearest name, stages that are too wide, stages that are not there', () => {
    const text = `
name: mine
stages:
  - { id: one, on: master, width: 3, tasks: [kubeadm.join-master, os.swop] }
  - { id: two, on: all, after: [three], tasks: [os.swap] }
`
    expect(() => loadPlaybook({ file: 'mine.yaml', text }, tasks)).toThrow(
      `mine.yaml is not a playbook khactl can run:
mine.yaml:4:46 stage one: width 3 is more than kubeadm.join-master allows (1)
    3 | stages:
  > 4 |   - { id: one, on: master, width: 3, tasks: [kubeadm.join-master, os.swop] }
      |                                              ^^^^^^^^^^^^^^^^^^^
    5 |   - { id: two, on: all, after: [three], tasks: [os.swap] }
mine.yaml:4:67 stage one: there is no task os.swop; did you mean os.swap?`,
    )
    expect(() => loadPlaybook({ file: 'mine.yaml', text }, tasks)).toThrow(
      'mine.yaml:5:32 stage two: after names three, which is no stage above it',
    )
  })
})

test('every task of the registry is named by its path, and up.yaml names only these', () => {
  for (const name of registry.keys()) {
    const file = new URL(`../../src/tasks/${name.replace('.', '/')}.ts`, import.meta.url)
    expect(() => readFileSync(file), name).not.toThrow()
  }
})
