// When etcd may go on from one survivor: a table, and over all worlds of five masters never beside another member.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostName, HostState } from '../../src/model/host.js'
import type { ClusterView, Desired, Observed } from '../../src/model/membership.js'
import { allMoves } from '../../src/model/moves.js'
import { nextMove } from '../../src/model/next-move.js'
import type { Vote } from '../../src/model/quorum.js'

const states = {
  leaderless: { kind: 'broken', why: 'why', etcd: 'leaderless' },
  'half-rebuilt': { kind: 'broken', why: 'why', etcd: 'half-rebuilt' },
  broken: { kind: 'broken', why: 'why' },
  unreachable: { kind: 'unreachable', why: 'why' },
  fresh: { kind: 'fresh' },
  'half-joined': { kind: 'half-joined' },
  'half-initialised': { kind: 'half-initialised' },
  healthy: { kind: 'healthy', role: 'master' },
} as const satisfies Readonly<Record<string, HostState>>
type Kind = keyof typeof states
type Part = 'stays' | 'leaves' | 'dead'

const vote = (name: string, answers: Vote['answers']): Vote => ({
  id: `id-${name}`,
  name,
  peerUrls: [`https://10.0.0.${name.slice(1)}:2380`],
  part: 'voter',
  answers,
})
const viewOf = (members: readonly Vote[]): ClusterView => ({ members, nodes: [], version: '' })

const world = (
  masters: Readonly<Record<string, readonly [Kind, Part]>>,
  view: ClusterView | null = null,
): [Observed, Desired] => {
  const all = Object.entries(masters).map(([name, [kind, part]]) => ({ name: name as HostName, kind, part }))
  const place = (name: string) => ({
    ...{ host: name as HostName, role: 'master' as const, nodeIP: `10.0.0.${name.slice(1)}` },
  })
  return [
    { hosts: new Map(all.map(({ name, kind }) => [name, states[kind]])), endpointAnswers: null, view },
    {
      quorum: 'rebuild',
      known: all.map(({ name }) => place(name)),
      nodes: all.filter(({ part }) => part === 'stays').map(({ name }) => place(name)),
      leaving: all
        .filter(({ part }) => part !== 'stays')
        .map(({ name, part }) => ({ ...place(name), manner: part === 'dead' ? ('dead' as const) : ('live' as const) })),
    },
  ]
}
const told = (...[observed, desired]: [Observed, Desired]): string => {
  const { moves, end } = allMoves(observed, desired)
  const shown = moves.map((move) => `${move.kind} ${move.host}`)
  return [...shown, end.kind === 'refused' ? `refused: ${end.reason}` : 'done'].join('; ')
}

const burned = { m1: ['leaderless', 'stays'], m2: ['unreachable', 'dead'], m3: ['unreachable', 'dead'] } as const
const lost = viewOf([vote('m1', 'yes'), vote('m2', 'no'), vote('m3', 'no')])

describe('a quorum that is given up', () => {
  test.each<readonly [string, [Observed, Desired], string]>([
    ['one survivor, the others declared dead', world(burned, lost), 'rebuild-etcd m1; done'],
    ['where etcd could not say who its members are', world(burned), 'rebuild-etcd m1; done'],
    ['one that was cut off', world({ ...burned, m1: ['half-rebuilt', 'stays'] }), 'rebuild-etcd m1; done'],
    [
      'a fresh master joins later',
      world({ ...burned, m4: ['fresh', 'stays'] }),
      'rebuild-etcd m1; join-master m4; done',
    ],
    ['a healthy master: there is nothing to give up', world({ ...burned, m1: ['healthy', 'stays'] }), 'done'],
    [
      'one that is away, and not declared dead',
      world({ ...burned, m3: ['unreachable', 'stays'] }),
      'refused: etcd cannot be rebuilt from one survivor: m3 is unreachable, and not declared dead',
    ],
    [
      'one that is marked absent only',
      world({ ...burned, m3: ['unreachable', 'leaves'] }),
      'refused: etcd cannot be rebuilt from one survivor: m3 is to leave, but not declared dead',
    ],
    [
      'two survivors',
      world({ ...burned, m2: ['leaderless', 'stays'] }),
      'refused: etcd cannot be rebuilt from one survivor: m1 and m2 hold data of etcd, and only one of them can go on',
    ],
    [
      'a join that died may have left a member',
      world({ ...burned, m4: ['half-joined', 'stays'] }),
      'refused: etcd cannot be rebuilt from one survivor: m4 is half-joined, and not declared dead',
    ],
    [
      'no data',
      world({ ...burned, m1: ['broken', 'stays'] }),
      'refused: etcd cannot be rebuilt from one survivor: no master that stays was reached and holds data of etcd; m1 is broken, and not declared dead',
    ],
    [
      'a lost member that answers its peers',
      world(burned, viewOf([vote('m1', 'yes'), vote('m2', 'yes'), vote('m3', 'no')])),
      'refused: etcd cannot be rebuilt from one survivor: the etcd member m2 answers',
    ],
    [
      'a member that is in no inventory',
      world(burned, viewOf([vote('m1', 'yes'), vote('m9', 'yes')])),
      'refused: etcd cannot be rebuilt from one survivor: the etcd member m9 answers',
    ],
    [
      'a dead one that answers',
      world({ ...burned, m2: ['leaderless', 'dead'] }),
      'refused: m2 is declared dead, but it answers: it is broken',
    ],
  ])('%s', (_, of, moves) => expect(told(...of)).toBe(moves))

  test('is not, unless it is wished: then the arithmetic is shown', () => {
    const [observed, desired] = world(burned, lost)
    expect(nextMove(observed, { ...desired, quorum: 'keep' })).toMatchObject({
      kind: 'refused',
      reason:
        'etcd has lost its quorum (3 members, 1 answers, 2 are needed), so it can take nobody out and let nobody in: m1 is broken, m2 is unreachable, m3 is unreachable',
      hint: expect.stringContaining('docs/disaster.md') as string,
    })
  })

  const masters = ['m1', 'm2', 'm3', 'm4', 'm5'] as const
  test('that was cut off is ended first, whatever else is wished', () => {
    const [observed, desired] = world({ ...burned, m1: ['half-rebuilt', 'stays'] }, lost)
    expect(nextMove(observed, { ...desired, quorum: 'keep' })).toEqual({
      kind: 'refused',
      reason: 'm1 is broken: why',
      hint: 'Run that command again: it goes on where it was cut off. Nothing else is safe before.',
    })
  })

  // Any world may be drawn; those in which a rebuild is near are drawn more often.
  const any = fc.tuple(
    fc.constantFrom(...(Object.keys(states) as Kind[])),
    fc.constantFrom<Part>('stays', 'leaves', 'dead'),
    fc.constantFrom('yes', 'no', 'none'),
  )
  const drawn = fc.tuple(
    ...masters.map(() =>
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(['unreachable', 'dead', 'no'] as const) },
        { weight: 2, arbitrary: fc.constant(['leaderless', 'stays', 'yes'] as const) },
        { weight: 1, arbitrary: any },
      ),
    ),
  )

  test('happens once at most, first, without a healthy master, and beside no member that is or may come back', () => {
    let rebuilt = 0
    fc.assert(
      fc.property(drawn, fc.boolean(), (places, sees) => {
        const of = masters.map((name, index) => {
          const [kind = 'fresh', part = 'stays'] = places[index] ?? []
          return [name, [kind, part]] as const
        })
        const votes = masters.flatMap((name, index) => {
          const said = places[index]?.[2]
          return said === 'yes' || said === 'no' ? [vote(name, said)] : []
        })
        const view = sees ? viewOf(votes) : null
        const [observed, desired] = world(Object.fromEntries(of), view)
        const { moves } = allMoves(observed, desired)
        const at = moves.findIndex(({ kind }) => kind === 'rebuild-etcd')
        if (at === -1) return
        rebuilt += 1
        expect(at).toBe(0)
        expect(moves.filter(({ kind }) => kind === 'rebuild-etcd')).toHaveLength(1)
        const survivor = moves[0]?.host
        for (const [name, [kind, part]] of of) {
          if (name === survivor)
            expect([part, kind]).toEqual(['stays', expect.stringMatching(/leaderless|half-rebuilt/)])
          else if (kind !== 'fresh') expect([name, kind, part]).toEqual([name, 'unreachable', 'dead'])
        }
        for (const { name, answers: said } of view?.members ?? []) if (said === 'yes') expect(name).toBe(survivor)
      }),
      { numRuns: 3000 },
    )
    expect(rebuilt).toBeGreaterThan(100)
  })
})
