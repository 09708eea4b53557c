import { describe, expect, test } from 'vitest'
import type { HostName, HostState } from '../../src/model/host.js'
import { allMoves } from '../../src/model/moves.js'
import { nextMove } from '../../src/model/next-move.js'
import { tolerated } from '../../src/model/quorum.js'

const name = (text: string): HostName => text as HostName
const state = (kind: HostState['kind']): HostState => {
  switch (kind) {
    case 'healthy':
      return { kind, role: 'master' }
    case 'broken':
    case 'foreign':
    case 'unreachable':
      return { kind, why: 'why' }
    case 'busy':
      return { kind, unit: 'khactl-init' }
    case 'fresh':
    case 'half-initialised':
    case 'half-joined':
      return { kind }
  }
}

const place = (host: string) => ({
  host: name(host),
  role: host.startsWith('m') ? ('master' as const) : ('worker' as const),
  nodeIP: `10.0.0.${host.slice(1)}`,
})
const nodes = ['m1', 'm2', 'm3', 'w1'].map(place)
const desired = { nodes, leaving: [], known: nodes }
const observed = (kinds: string, endpointAnswers: boolean | null = null) => ({
  hosts: new Map(
    kinds.split(' ').map((kind, index) => [name(['m1', 'm2', 'm3', 'w1'][index] ?? ''), state(kind as 'fresh')]),
  ),
  endpointAnswers,
  view: null,
})
const told = (kinds: string, endpointAnswers: boolean | null = null): string => {
  const move = nextMove(observed(kinds, endpointAnswers), desired)
  return move.kind === 'refused' ? `refused: ${move.reason}` : 'host' in move ? `${move.kind} ${move.host}` : move.kind
}

describe('nextMove', () => {
  test.each([
    ['fresh fresh fresh fresh', 'init m1'],
    ['fresh half-initialised fresh fresh', 'init m2'],
    ['healthy fresh fresh fresh', 'join-master m2'],
    ['fresh healthy fresh fresh', 'join-master m1'],
    ['healthy half-joined healthy fresh', 'join-master m2'],
    ['healthy healthy healthy fresh', 'join-worker w1'],
    ['healthy healthy healthy half-joined', 'join-worker w1'],
    ['healthy healthy healthy healthy', 'done'],
    ['healthy broken healthy healthy', 'done'],
    ['healthy unreachable healthy unreachable', 'done'],
    ['unreachable fresh fresh fresh', 'refused: no master is healthy, but the cluster may exist: m1 is unreachable'],
    ['broken fresh fresh fresh', 'refused: no master is healthy, but the cluster may exist: m1 is broken'],
    ['half-joined fresh fresh fresh', 'refused: no master is healthy, but the cluster may exist: m1 is half-joined'],
    ['fresh fresh fresh healthy', 'refused: no master is healthy, but the cluster may exist: w1 is healthy'],
    ['fresh fresh fresh broken', 'refused: no master is healthy, but the cluster may exist: w1 is broken'],
    ['half-initialised fresh fresh healthy', 'refused: no master is healthy, but the cluster may exist: w1 is healthy'],
    ['fresh fresh fresh unreachable', 'init m1'],
    ['healthy foreign healthy healthy', 'refused: m2 belongs to another cluster: why'],
    ['healthy healthy healthy busy', 'refused: w1 still runs khactl-init from an earlier run'],
  ])('%s → %s', (kinds, move) => expect(told(kinds)).toBe(move))

  test('init is refused while anything answers at the endpoint', () =>
    expect(told('fresh fresh fresh fresh', true)).toMatch(/something answers at the API endpoint/))

  test('over all states of four hosts, no healthy member is ever moved and init needs every master reached and fresh', () => {
    const kinds = ['fresh', 'half-initialised', 'half-joined', 'healthy', 'broken', 'unreachable'] as const
    let looked = 0
    for (const a of kinds)
      for (const b of kinds)
        for (const c of kinds)
          for (const w of kinds) {
            const move = nextMove(observed(`${a} ${b} ${c} ${w}`), desired)
            looked += 1
            if (!('host' in move) || move.host === null) continue
            const target = observed(`${a} ${b} ${c} ${w}`).hosts.get(move.host)?.kind
            expect(['fresh', 'half-initialised', 'half-joined']).toContain(target)
            if (move.kind === 'init')
              expect([a, b, c].every((kind) => kind === 'fresh' || kind === 'half-initialised')).toBe(true)
            else expect([a, b, c]).toContain('healthy')
          }
    expect(looked).toBe(1296)
  })

  test('simulated to its end it lists masters one by one, then workers', () =>
    expect(
      allMoves(observed('fresh fresh fresh fresh'), desired).moves.map((move) => `${move.kind} ${move.host}`),
    ).toEqual(['init m1', 'join-master m2', 'join-master m3', 'join-worker w1']))
})

test.each([
  [1, 0],
  [2, 0],
  [3, 1],
  [4, 1],
  [5, 2],
])('%d etcd members bear the loss of %d', (members, lost) => expect(tolerated(members)).toBe(lost))
