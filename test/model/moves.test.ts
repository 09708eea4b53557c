// From any observed world the moves end, in done or a refusal; none of them breaks a quorum or touches who is well.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostName, HostState } from '../../src/model/host.js'
import type { ClusterView, Desired, Leaving, Move, Observed, Place } from '../../src/model/membership.js'
import { after, allMoves } from '../../src/model/moves.js'
import { tally, type Vote } from '../../src/model/quorum.js'

const place = (name: string): Place => ({
  host: name as HostName,
  role: name.startsWith('m') ? 'master' : 'worker',
  nodeIP: `10.0.0.${name.slice(1)}`,
})
const leaver = (name: string, manner: 'live' | 'dead' = 'live'): Leaving => ({ ...place(name), manner })
const vote = (name: string, answers: 'yes' | 'no' = 'yes'): Vote => ({
  id: `id-${name}`,
  name,
  peerUrls: [`https://10.0.0.${name.slice(1)}:2380`],
  part: 'voter',
  answers,
})
const state = (kind: HostState['kind'], name: string): HostState => {
  if (kind === 'healthy') return { kind, role: name.startsWith('m') ? 'master' : 'worker' }
  if (kind === 'busy') return { kind, unit: 'khactl-kubeadm-join' }
  return kind === 'broken' || kind === 'foreign' || kind === 'unreachable' ? { kind, why: 'why' } : { kind }
}
const view = (members: readonly Vote[], nodes: readonly string[]): ClusterView => ({
  members,
  nodes,
  version: '1.20.2',
})

interface World {
  readonly states: Readonly<Record<string, HostState['kind']>>
  readonly members: readonly Vote[]
  readonly nodes?: readonly string[]
  readonly stay: string
  readonly leaving?: readonly Leaving[]
  /** In the inventory, and left as they are by this command. */
  readonly aside?: string
}

const told = ({ states, members, nodes, stay, leaving = [], aside }: World): string => {
  const observed: Observed = {
    hosts: new Map(Object.entries(states).map(([name, kind]) => [name as HostName, state(kind, name)])),
    endpointAnswers: null,
    view: view(members, nodes ?? Object.keys(states).filter((name) => states[name] === 'healthy')),
  }
  const desired = stay.split(' ').map(place)
  const known = [...desired, ...leaving, ...(aside?.split(' ').map(place) ?? [])]
  const { moves, end } = allMoves(observed, { nodes: desired, leaving, known })
  const shown = moves.map((move) =>
    move.kind === 'forget'
      ? `forget ${move.name} (${move.why}${move.member === null ? '' : ', member'}${move.node === null ? '' : ', node'})`
      : move.kind === 'leave'
        ? `${move.host} leaves${move.manner === 'dead' ? ' dead' : ''}`
        : `${move.kind} ${move.host}`,
  )
  return [...shown, end.kind === 'refused' ? `refused: ${end.reason}` : 'done'].join('; ')
}

const three = { m1: 'healthy', m2: 'healthy', m3: 'healthy' } as const
const votes = (names: string, silent = ''): readonly Vote[] =>
  names.split(' ').map((name) => vote(name, silent.includes(name) ? 'no' : 'yes'))

describe('what leaves, joins and is forgotten, in which order', () => {
  test.each<readonly [string, World, string]>([
    ['nothing to do', { states: three, members: votes('m1 m2 m3'), stay: 'm1 m2 m3' }, 'done'],
    [
      'a live replacement comes before its predecessor goes',
      { states: { ...three, m4: 'fresh' }, members: votes('m1 m2 m3'), stay: 'm2 m3 m4', leaving: [leaver('m1')] },
      'join-master m4; m1 leaves; done',
    ],
    [
      'a dead one goes first, as it weighs on every majority',
      {
        states: { m1: 'healthy', m2: 'healthy', m3: 'unreachable', m4: 'fresh' },
        members: votes('m1 m2 m3', 'm3'),
        stay: 'm1 m2 m4',
        leaving: [leaver('m3', 'dead')],
      },
      'm3 leaves dead; join-master m4; done',
    ],
    [
      'workers join, then workers leave, then masters leave one by one',
      {
        states: { ...three, m4: 'healthy', m5: 'healthy', w1: 'healthy', w2: 'fresh' },
        members: votes('m1 m2 m3 m4 m5'),
        stay: 'm3 m4 m5 w2',
        leaving: [leaver('m1'), leaver('m2'), leaver('w1')],
      },
      'join-worker w2; w1 leaves; m1 leaves; m2 leaves; done',
    ],
    [
      'a master made anew under its old name is forgotten before it joins',
      {
        states: { m1: 'healthy', m2: 'healthy', m3: 'fresh' },
        members: votes('m1 m2 m3', 'm3'),
        nodes: ['m1', 'm2', 'm3'],
        stay: 'm1 m2 m3',
      },
      'forget m3 (made anew, member, node); join-master m3; done',
    ],
    [
      'a worker made anew is forgotten before it joins',
      { states: { m1: 'healthy', w1: 'fresh' }, members: votes('m1'), nodes: ['m1', 'w1'], stay: 'm1 w1' },
      'forget w1 (made anew, node); join-worker w1; done',
    ],
    [
      'a member without a host that does not answer is an orphan',
      { states: three, members: votes('m1 m2 m3 m9', 'm9'), nodes: ['m1', 'm2', 'm3', 'm9'], stay: 'm1 m2 m3' },
      'forget m9 (orphan, member, node); done',
    ],
    [
      'one that answers is somebody’s, and is left alone',
      { states: three, members: votes('m1 m2 m3 m9'), stay: 'm1 m2 m3' },
      'done',
    ],
    [
      'nor is one that this command leaves as it is',
      {
        states: { m1: 'healthy', m2: 'healthy', m3: 'unreachable', w2: 'fresh' },
        members: votes('m1 m2 m3', 'm3'),
        stay: 'm1 m2 w2',
        aside: 'm3',
      },
      'join-worker w2; done',
    ],
    [
      'a host that was made anew after a join that died, and leaves: its unstarted member goes too',
      {
        states: { m1: 'healthy', m2: 'healthy', m3: 'fresh' },
        members: [...votes('m1 m2'), { ...vote('m3', 'no'), name: '', part: 'unstarted' }],
        nodes: ['m1', 'm2'],
        stay: 'm1 m2',
        leaving: [leaver('m3')],
      },
      'm3 leaves; done',
    ],
    [
      'a member that is away for a while is no orphan',
      { states: { ...three, m3: 'unreachable' }, members: votes('m1 m2 m3', 'm3'), stay: 'm1 m2 m3' },
      'done',
    ],
    [
      'nobody joins while a member is silent',
      {
        states: { ...three, m3: 'unreachable', m4: 'fresh' },
        members: votes('m1 m2 m3', 'm3'),
        stay: 'm1 m2 m3 m4',
      },
      'refused: m4 cannot join: etcd has a member that does not answer (m3; 3 members, 2 answer, 2 are needed), and one more member would make the majority larger',
    ],
    [
      'one of three masters is down: no other may go',
      {
        states: { ...three, m3: 'unreachable' },
        members: votes('m1 m2 m3', 'm3'),
        stay: 'm2 m3',
        leaving: [leaver('m1')],
      },
      'refused: m1 cannot leave: the rest of etcd would have no quorum (2 members, 1 answers, 2 are needed)',
    ],
    [
      'the quorum is gone: nobody is taken out',
      {
        states: { m1: 'healthy', m2: 'unreachable', m3: 'unreachable' },
        members: votes('m1 m2 m3', 'm2 m3'),
        stay: 'm1 m3',
        leaving: [leaver('m2', 'dead')],
      },
      'refused: m2 cannot leave: etcd has lost its quorum already (3 members, 1 answers, 2 are needed), so it can take nobody out',
    ],
    [
      'the last master stays',
      { states: { m1: 'healthy', w1: 'healthy' }, members: votes('m1'), stay: 'w1', leaving: [leaver('m1')] },
      'refused: m1 cannot leave: it is the last member of etcd',
    ],
    [
      'the only master can be replaced',
      { states: { m1: 'healthy', m2: 'fresh' }, members: votes('m1'), stay: 'm2', leaving: [leaver('m1')] },
      'join-master m2; m1 leaves; done',
    ],
    [
      'who is declared dead and answers is not removed as dead',
      { states: three, members: votes('m1 m2 m3'), stay: 'm1 m2', leaving: [leaver('m3', 'dead')] },
      'refused: m3 is declared dead, but it answers: it is healthy',
    ],
    [
      'nor is one whose etcd answers while SSH does not',
      {
        states: { ...three, m3: 'unreachable' },
        members: votes('m1 m2 m3'),
        stay: 'm1 m2',
        leaving: [leaver('m3', 'dead')],
      },
      'refused: m3 is declared dead, but its etcd answers: only SSH does not reach it',
    ],
    [
      'a host marked absent that cannot be reached is waited for',
      {
        states: { ...three, w1: 'unreachable' },
        members: votes('m1 m2 m3'),
        nodes: ['m1', 'm2', 'm3', 'w1'],
        stay: 'm1 m2 m3',
        leaving: [leaver('w1')],
      },
      'done',
    ],
    [
      'a removal that died after etcd let go of the member goes on',
      {
        states: { ...three, m3: 'broken' },
        members: votes('m1 m2'),
        nodes: ['m1', 'm2', 'm3'],
        stay: 'm1 m2',
        leaving: [leaver('m3')],
      },
      'm3 leaves; done',
    ],
  ])('%s', (_, world, moves) => expect(told(world)).toBe(moves))
})

describe('from any world', () => {
  const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'w1', 'w2']
  const kinds = ['fresh', 'half-initialised', 'half-joined', 'healthy', 'broken', 'unreachable'] as const
  const world = fc.record({
    states: fc.tuple(...names.map(() => fc.constantFrom(...kinds))),
    part: fc.tuple(...names.map(() => fc.constantFrom('stays', 'leaves', 'dead', 'unknown'))),
    members: fc.tuple(...names.map(() => fc.constantFrom('yes', 'no', 'none'))),
    stranger: fc.constantFrom('yes', 'no', 'none'),
    nodes: fc.subarray([...names, 'm9']),
  })
  const build = (drawn: typeof world extends fc.Arbitrary<infer T> ? T : never): [Observed, Desired] => {
    const at = (index: number) => drawn.part[index]
    const members = [
      ...names.flatMap((name, index) => {
        const answers = drawn.members[index]
        return name.startsWith('w') || answers === 'none' || answers === undefined ? [] : [vote(name, answers)]
      }),
      ...(drawn.stranger === 'none' ? [] : [vote('m9', drawn.stranger)]),
    ]
    return [
      {
        hosts: new Map(names.map((name, index) => [name as HostName, state(drawn.states[index] ?? 'fresh', name)])),
        endpointAnswers: null,
        view: view(members, drawn.nodes),
      },
      {
        nodes: names.filter((_, index) => at(index) === 'stays').map(place),
        leaving: names.flatMap((name, index) =>
          at(index) === 'leaves' ? [leaver(name)] : at(index) === 'dead' ? [leaver(name, 'dead')] : [],
        ),
        known: names.filter((_, index) => at(index) !== 'unknown').map(place),
      },
    ]
  }

  test('the moves end, no removal breaks the quorum, nobody who answers is forgotten, nobody who is well is moved in', () =>
    fc.assert(
      fc.property(world, (drawn) => {
        const [observed, desired] = build(drawn)
        const { moves } = allMoves(observed, desired)
        expect(moves.length).toBeLessThan(3 * names.length)
        let now = observed
        for (const move of moves) {
          checkMove(now, move)
          now = after(now, { move, desired })
          if (takesVote(move)) expect(tally(now.view?.members ?? []).holds).toBe(true)
        }
      }),
      { numRuns: 3000 },
    ))

  test('a second look at the end finds nothing to do', () =>
    fc.assert(
      fc.property(world, (drawn) => {
        const [observed, desired] = build(drawn)
        const { moves, end } = allMoves(observed, desired)
        if (end.kind !== 'done') return
        const last = moves.reduce((now, move) => after(now, { move, desired }), observed)
        expect(allMoves(last, desired)).toEqual({ moves: [], end: { kind: 'done' } })
      }),
      { numRuns: 2000 },
    ))
})

const takesVote = (move: Move): boolean => (move.kind === 'forget' || move.kind === 'leave') && move.member !== null

const checkMove = (now: Observed, move: Move): void => {
  const kind = move.host === null ? null : now.hosts.get(move.host)?.kind
  switch (move.kind) {
    case 'init':
    case 'join-master':
    case 'join-worker':
      expect(['fresh', 'half-joined', 'half-initialised']).toContain(kind)
      break
    case 'forget':
      expect(move.member?.answers ?? 'no').toBe('no')
      expect([null, 'fresh', 'half-joined', 'half-initialised']).toContain(kind)
      break
    case 'leave':
      if (move.manner === 'dead') expect([kind, move.member?.answers ?? 'no']).toEqual(['unreachable', 'no'])
      else expect(kind).not.toBe('unreachable')
      break
    case 'rebuild-etcd':
      throw new Error('nobody wished for it')
  }
}
