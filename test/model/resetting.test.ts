// Who may be emptied: all of a cluster that is given up, nobody whom a living one counts on, never another cluster's host.
import { expect, test } from 'vitest'
import type { HostName, HostState } from '../../src/model/host.js'
import type { ClusterView } from '../../src/model/membership.js'
import { resetFault } from '../../src/model/resetting.js'

const vote = (name: string, part: 'voter' | 'learner' | 'unstarted') => ({
  ...{ id: 'a1', name, part, answers: 'no' as const },
  peerUrls: ['https://10.0.0.21:2380'],
})
const view = (...members: ClusterView['members'][number][]): ClusterView => ({ members, nodes: [], version: '1.20.2' })

const states: readonly HostState[] = [
  { kind: 'fresh' },
  { kind: 'half-initialised' },
  { kind: 'half-joined' },
  { kind: 'healthy', role: 'master' },
  { kind: 'broken', why: 'its API server is silent' },
  { kind: 'foreign', why: 'its API endpoint is another' },
  { kind: 'busy', unit: 'khactl-kubeadm-join.service' },
  { kind: 'busy', unit: 'khactl-kubeadm-leave.service' },
  { kind: 'unreachable', why: 'no route' },
]
const named = (state: HostState): string => ('unit' in state ? `${state.kind} ${state.unit}` : state.kind)

const refused = (scope: 'cluster' | 'hosts', of: ClusterView | null): readonly string[] =>
  states.flatMap((state) => {
    const host = { name: 'master-1' as HostName, roles: ['master'], nodeIP: '10.0.0.21', state } as const
    return resetFault(host, { scope, view: of }) === null ? [] : [named(state)]
  })

const never = ['foreign', 'busy khactl-kubeadm-join.service']

test.each<[string, 'cluster' | 'hosts', ClusterView | null, readonly string[]]>([
  ['a cluster that is given up', 'cluster', view(vote('master-1', 'voter')), []],
  ['a cluster of which nobody answers', 'cluster', null, []],
  ['a host that etcd does not count', 'hosts', view(vote('master-2', 'learner')), ['healthy']],
  ['a learner', 'hosts', view(vote('master-1', 'learner')), ['healthy']],
  ['one that never started', 'hosts', view(vote('', 'unstarted')), ['healthy']],
  [
    'a voter',
    'hosts',
    view(vote('master-1', 'voter')),
    ['fresh', 'half-initialised', 'half-joined', 'healthy', 'broken', 'busy khactl-kubeadm-leave.service'],
  ],
  [
    'a host of which nobody can tell',
    'hosts',
    null,
    ['half-initialised', 'half-joined', 'healthy', 'broken', 'busy khactl-kubeadm-leave.service'],
  ],
])('%s', (_, scope, of, more) => {
  expect(refused(scope, of).toSorted()).toEqual([...never, ...more].toSorted())
})

test('a worker that broke needs no proof', () => {
  const host = { name: 'worker-1' as HostName, roles: ['worker'], nodeIP: '10.0.0.41' } as const
  expect(resetFault({ ...host, state: { kind: 'broken', why: '' } }, { scope: 'hosts', view: null })).toBe(null)
})
