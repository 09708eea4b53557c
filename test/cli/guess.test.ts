// The guess that a plan is foreseen by, and when what was compiled for it is the plan.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { comesTrue, foresee, guess } from '../../src/cli/guess.js'
import type { Graph } from '../../src/model/graph.js'
import type { HostState } from '../../src/model/host.js'
import type { Host, Inventory } from '../../src/model/inventory.js'
import { always } from '../../src/model/look.js'
import type { ClusterView } from '../../src/model/membership.js'
import type { Vote } from '../../src/model/quorum.js'
import { compile } from '../../src/playbook/compile.js'
import { loadPlaybook } from '../../src/playbook/load.js'
import { registry } from '../../src/tasks/registry.js'
import { entries, wishes } from '../support/scope.js'
import { host, want } from '../support/world.js'
import { inventory as wellKnown } from '../templates/fixtures.js'

const inventory = {
  leaving: [{ name: 'm3', roles: ['master'], nodeIP: '10.0.0.3', state: 'dead' }],
  cluster: { version: { text: '1.30.4' } },
} as unknown as Inventory
const contacts = [
  { name: 'lb', roles: ['haproxy'], nodeIP: '10.0.0.9' },
  { name: 'm1', roles: ['master', 'haproxy'], nodeIP: '10.0.0.1' },
  { name: 'w1', roles: ['worker'], nodeIP: '10.0.0.2' },
  ...inventory.leaving,
] as unknown as readonly Host[]

test('guessed is what the inventory says; the dead are dead', () => {
  const { observed, view } = guess(inventory, contacts)
  expect([...observed].map(([name, { kind }]) => `${name} ${kind}`)).toEqual([
    ...['lb fresh', 'm1 healthy', 'w1 healthy', 'm3 unreachable'],
  ])
  expect(view.members.map(({ name, answers }) => `${name} ${answers}`)).toEqual(['m1 yes', 'm3 no'])
})

test('nothing is foreseen for many hosts, nor where the guess is refused', async () => {
  const graph = { stages: [{ lanes: [{ host: 'm1', steps: [want('x', '1')] }] }] } as unknown as Graph
  const compiling = function* (): Generator<undefined, Graph> {
    yield
    return graph
  }
  const refusing = function* (): Generator<undefined, Graph> {
    yield
    throw new Error('two clusters')
  }
  const foreseen = async (count: number, of: () => Iterator<unknown, Graph>) => {
    const [some] = contacts
    return (await foresee({ inventory, contacts: Array.from({ length: count }, () => some as Host) }, of)).graph
  }
  expect(await foreseen(50, compiling)).toBe(graph)
  expect(await foreseen(51, compiling)).toBe(null)
  expect(await foreseen(7, refusing)).toBe(null)
})

const whole: Inventory = wellKnown('1.20.2')
const guessed = guess(whole, whole.hosts)
const member = (vote: Vote): Vote => ({
  ...vote,
  id: `8e9e05c52164694d${vote.name}`,
  peerUrls: ['https://10.9.9.9:2380'],
})
const view: ClusterView = {
  members: guessed.view.members.map(member).toReversed(),
  nodes: guessed.view.nodes.toReversed(),
  version: '1.20.2',
}

test('it comes true where every host is what it should be, in whatever order the members are told', () => {
  expect(comesTrue(guessed, { inventory: whole, observed: new Map(guessed.observed), view })).toBe(true)
})

test('anything else is compiled for what it is', () => {
  const [first = host('m1')] = whole.hosts.filter(({ roles }) => roles.includes('master')).map(({ name }) => name)
  const fresh: HostState = { kind: 'fresh' }
  const votes = (change: (vote: Vote) => readonly Vote[]) => ({
    view: { ...view, members: view.members.flatMap(change) },
  })
  const others: Readonly<Record<string, Partial<Parameters<typeof comesTrue>[1]>>> = {
    'a host that is fresh': { observed: new Map([...guessed.observed, [first, fresh]]) },
    'a master that only works': {
      observed: new Map([...guessed.observed, [first, { kind: 'healthy', role: 'worker' }]]),
    },
    'nobody who could tell': { view: null },
    'another version': { view: { ...view, version: '1.20.3' } },
    'a Node too many': { view: { ...view, nodes: [...view.nodes, 'x'] } },
    'a Node too few': { view: { ...view, nodes: view.nodes.slice(1) } },
    'a member that does not answer': votes((vote) => [vote.name === first ? { ...vote, answers: 'no' } : vote]),
    'a learner': votes((vote) => [vote.name === first ? { ...vote, part: 'learner' } : vote]),
    'a member without a name': votes((vote) => [vote.name === first ? { ...vote, name: '' } : vote]),
    'a member too few': votes((vote) => (vote.name === first ? [] : [vote])),
    'somebody who leaves': { inventory: { ...whole, leaving: inventory.leaving } },
  }
  for (const [name, other] of Object.entries(others))
    expect(comesTrue(guessed, { inventory: whole, observed: guessed.observed, view, ...other }), name).toBe(false)
})

test('what is not guessed, ids and addresses of members, no graph of such a cluster is made of', () => {
  const secretive = (vote: Vote): Vote => {
    const refuse = (): never => {
      throw new Error('read')
    }
    return Object.defineProperties({ ...vote }, { id: { get: refuse }, peerUrls: { get: refuse } })
  }
  const graphOf = (playbook: string, of: ClusterView): Graph =>
    compile({
      playbook: loadPlaybook({ file: playbook, text: readFileSync(join('playbooks', playbook), 'utf8') }, registry),
      ...{ inventory: whole, registry, observed: guessed.observed, endpointAnswers: null, view: of, wishes, entries },
      looks: { healthyMaster: always(false), holdsVip: always(false) },
      founding: 'kubeadm:init',
      cut: { hosts: null, stages: null, from: null, width: null },
    })
  const said = (graph: Graph) => JSON.stringify(graph, (_, one: unknown) => (typeof one === 'function' ? 'code' : one))
  for (const playbook of ['up.yaml', 'preflight.yaml'])
    expect(said(graphOf(playbook, { ...view, members: view.members.map(secretive) }))).toBe(
      said(graphOf(playbook, guessed.view)),
    )
})
