// Who stands behind haproxy when: a table over what a master is and what is to become of it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backendsOf, membersDiffer, standing, type BackendScope } from '../../src/endpoint/backends.js'
import type { HostName, HostState } from '../../src/model/host.js'
import type { Host, Leaver } from '../../src/model/inventory.js'
import type { ClusterView, Move } from '../../src/model/membership.js'
import { wishes } from '../support/scope.js'
import { host, inventory } from '../templates/fixtures.js'

const name = (text: string) => text as HostName
const plain = inventory('1.30.0')
const healthy: HostState = { kind: 'healthy', role: 'master' }
const away: HostState = { kind: 'unreachable', why: 'off' }
const master = (index: number): Host => host(`master-${index}`, `10.9.0.${20 + index}`)
const view = (...names: readonly string[]): ClusterView => ({
  members: names.map((one) => ({ id: one, name: one, peerUrls: [], part: 'voter', answers: 'yes' })),
  nodes: names,
  version: '1.30.0',
})
const joining = (one: string): Move => ({ kind: 'join-master', host: name(one) })

interface Case {
  readonly masters?: readonly Host[]
  readonly leaving?: readonly Leaver[]
  readonly states?: Readonly<Record<string, HostState>>
  readonly moves?: readonly Move[]
  readonly founder?: string
  readonly view?: ClusterView | null
  readonly named?: readonly string[]
}

const scope = (of: Case): BackendScope => ({
  inventory: {
    ...plain,
    hosts: [...plain.hosts.filter(({ roles }) => !roles.includes('master')), ...(of.masters ?? [1, 2, 3].map(master))],
    leaving: of.leaving ?? [],
  },
  observed: new Map(Object.entries(of.states ?? {}).map(([one, state]) => [name(one), state])),
  moves: of.moves ?? [],
  founder: of.founder === undefined ? null : name(of.founder),
  view: of.view === undefined ? view('master-1', 'master-2', 'master-3') : of.view,
  wishes: { ...wishes, named: of.named === undefined ? 'all' : of.named.map(name) },
})

const phases = (of: Case, listed: readonly string[]): string => {
  const backends = backendsOf(scope(of))
  const at = (when: 'before' | 'after') =>
    standing(backends, { when, listed })
      .map((one) => one.name.replace('master-', ''))
      .join(' ')
  return `${at('before')} | ${membersDiffer(backends) ? at('after') : '='}`
}

const listed = (text: string) => text.split(' ').map((one) => `master-${one}`)
const absent = (index: number, state: Leaver['state'] = 'absent'): Leaver => ({ ...master(index), state })
const four = [1, 2, 3, 4].map(master)

test.each<[string, Case, string, string]>([
  [
    'founding: all from the start',
    { founder: 'master-1', view: null, moves: [joining('master-2'), joining('master-3')] },
    '',
    '1 2 3 | =',
  ],
  ['nothing to do', {}, '1 2 3', '1 2 3 | ='],
  ['nobody could tell: all', { view: null }, '1', '1 2 3 | ='],
  ['one that is off stays, as it is a member', { states: { 'master-3': away } }, '1 2 3', '1 2 3 | ='],
  [
    'a member without a name, by its address',
    {
      view: {
        ...view('master-1', 'master-2'),
        members: [
          ...view('master-1', 'master-2').members,
          { id: 'x', name: '', peerUrls: ['https://10.9.0.23:2380'], part: 'voter', answers: 'no' },
        ],
      },
    },
    '1 2',
    '1 2 3 | =',
  ],
  [
    'healthy, whatever the members say',
    { view: view('master-1', 'master-2'), states: { 'master-3': healthy } },
    '1 2',
    '1 2 3 | =',
  ],
  [
    'no member, and does not join: not named on the command line',
    { masters: four, states: { 'master-4': { kind: 'fresh' } } },
    '1 2 3 4',
    '1 2 3 | =',
  ],
  [
    'joins',
    { masters: four, states: { 'master-4': { kind: 'fresh' } }, moves: [joining('master-4')] },
    '1 2 3',
    '1 2 3 | 1 2 3 4',
  ],
  [
    'joins, and stands there already: left',
    { masters: four, moves: [joining('master-4')] },
    '1 2 3 4',
    '1 2 3 4 | 1 2 3 4',
  ],
  ['made anew: its old member does not put it back', { moves: [joining('master-2')] }, '1 3', '1 3 | 1 2 3'],
  [
    'joined in a run that died before its backend',
    { masters: four, view: view('master-1', 'master-2', 'master-3', 'master-4') },
    '1 2 3',
    '1 2 3 4 | =',
  ],
  ['leaves: in until the others joined', { masters: [2, 3].map(master), leaving: [absent(1)] }, '1 2 3', '1 2 3 | 2 3'],
  [
    'leaves, and was taken out by a run that died: never back',
    { masters: [2, 3].map(master), leaving: [absent(1)] },
    '2 3',
    '2 3 | 2 3',
  ],
  [
    'leaves, but cannot be reached',
    { masters: [2, 3].map(master), leaving: [absent(1)], states: { 'master-1': away } },
    '1 2 3',
    '1 2 3 | 2 3',
  ],
  ['dead: never', { masters: [2, 3].map(master), leaving: [absent(1, 'dead')] }, '1 2 3', '2 3 | ='],
  [
    'leaves, but this command is about another: as it stands',
    {
      masters: [...[2, 3].map(master), master(4)],
      leaving: [absent(1)],
      named: ['master-4'],
      moves: [joining('master-4')],
    },
    '1 2 3',
    '1 2 3 | 1 2 3 4',
  ],
  [
    'replaced alive: both, then the new one',
    { masters: [2, 3, 4].map(master), leaving: [absent(1)], moves: [joining('master-4')] },
    '1 2 3',
    '1 2 3 | 2 3 4',
  ],
  [
    'replaced dead',
    { masters: [2, 3, 4].map(master), leaving: [absent(1, 'dead')], moves: [joining('master-4')] },
    '1 2 3',
    '2 3 | 2 3 4',
  ],
])('%s', (_, of, file, expected) => {
  expect(phases(of, file === '' ? [] : listed(file))).toBe(expected)
})

describe('for every membership', () => {
  const states: readonly HostState[] = [
    healthy,
    away,
    { kind: 'fresh' },
    { kind: 'half-joined' },
    { kind: 'broken', why: 'x' },
  ]
  const role = fc.constantFrom('stays', 'joins', 'absent', 'dead')
  const membership = fc.record({
    parts: fc.array(
      fc.record({ role, state: fc.constantFrom(...states), isMember: fc.boolean(), isListed: fc.boolean() }),
      { minLength: 1, maxLength: 7 },
    ),
    sees: fc.boolean(),
  })

  test('dead never, joiners and members in the end, nobody back who was taken out, and one order of names', () => {
    fc.assert(
      fc.property(membership, ({ parts, sees }) => {
        const of = parts.map((part, index) => ({ ...part, host: master(index + 1) }))
        const file = of.filter(({ isListed }) => isListed).map(({ host: { name: one } }) => one)
        const backends = backendsOf(
          scope({
            masters: of
              .filter(({ role: one }) => one === 'stays' || one === 'joins')
              .map((one) => one.host)
              .toReversed(),
            leaving: of.flatMap((one) =>
              one.role === 'absent' || one.role === 'dead' ? [{ ...one.host, state: one.role }] : [],
            ),
            states: Object.fromEntries(of.map((one) => [one.host.name, one.state])),
            moves: of.filter((one) => one.role === 'joins').map((one) => joining(one.host.name)),
            view: sees ? view(...of.filter(({ isMember }) => isMember).map((one) => one.host.name)) : null,
          }),
        )
        const names = (when: 'before' | 'after') => standing(backends, { when, listed: file }).map((one) => one.name)
        const [before, after] = [names('before'), names('after')]
        for (const {
          role: part,
          host: { name: one },
          isMember,
          state,
        } of of) {
          if (part === 'dead') expect([...before, ...after]).not.toContain(one)
          if (part === 'absent')
            expect([before.includes(one), after.includes(one)]).toEqual([file.includes(one), false])
          if (part === 'joins') expect([before.includes(one), after.includes(one)]).toEqual([file.includes(one), true])
          if (part === 'stays')
            expect([before.includes(one), after.includes(one)]).toEqual(
              Array.from({ length: 2 }, () => !sees || isMember || state.kind === 'healthy'),
            )
        }
        expect(backends.map((one) => one.host.name)).toEqual(of.map((one) => one.host.name))
        expect(membersDiffer(backends)).toBe(of.some((one) => one.role === 'joins' || one.role === 'absent'))
      }),
    )
  })
})
