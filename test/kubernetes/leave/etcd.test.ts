// Leaving etcd, with the real script in a real shell: the same arithmetic as the plan's, the leadership moved, seen to be gone.
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { etcdMembers } from '../../../src/facts/kubernetes/etcd-members.js'
import { KhactlError } from '../../../src/model/error.js'
import { removalFault, type Vote } from '../../../src/model/quorum.js'
import { dropMemberStep } from '../../../src/steps/kubernetes/leave/drop-member.js'
import { leaveEtcdStep, ownMembers } from '../../../src/steps/kubernetes/leave/leave-etcd.js'
import { removeMember } from '../../../src/steps/kubernetes/leave/remove-member.js'
import { intentWith, shownChanges } from '../../support/sight.js'
import { fakeEtcd, idOf, urlOf, type FakeMember } from './fake-etcd.js'

const voter = (name: string, answers: 'yes' | 'no' = 'yes'): FakeMember => ({ name, part: 'voter', answers })
const three = [voter('master-1'), voter('master-2'), voter('master-3')]

const etcdOf = (members: readonly FakeMember[], leads = 0) => {
  const etcd = fakeEtcd(members, leads)
  onTestFinished(etcd.end)
  return etcd
}

const removing = async (etcd: ReturnType<typeof fakeEtcd>, index: number, whom: 'any' | 'only silent' = 'any') => {
  const leader = await etcd.at.at('leader')
  return removeMember(leader, { member: { id: idOf(index), name: `master-${index + 1}` }, whom }).then(
    () => null,
    (error: unknown) => error as KhactlError,
  )
}

test('one of three goes', async () => {
  const etcd = etcdOf(three)
  expect(await removing(etcd, 2)).toBeNull()
  expect(etcd.ids()).toEqual([idOf(0), idOf(1)])
  expect(etcd.log()).toEqual([`remove ${idOf(2)}`])
})

test('the leader hands over first, at its own endpoint, to one that is well', async () => {
  const etcd = etcdOf([voter('master-1', 'no'), ...three.slice(1), voter('master-4')], 1)
  expect(await removing(etcd, 1)).toBeNull()
  expect(etcd.log()).toEqual([`move ${idOf(2)} by ${urlOf(1)}`, `remove ${idOf(1)}`])
})

test('a second time there is nothing to do', async () => {
  const etcd = etcdOf(three.slice(0, 2))
  expect(await removing(etcd, 2)).toBeNull()
  expect(etcd.log()).toEqual([])
})

test.each([
  [
    [voter('master-1'), voter('master-2', 'no'), voter('master-3')],
    2,
    'of the other members (2) 1 would answer, 2 are needed; no answer from: master-2',
  ],
  [[voter('master-1')], 0, 'it is the last member of etcd'],
  [
    [voter('master-1'), voter('master-2', 'no')],
    0,
    'of the other members (1) 0 would answer, 1 are needed; no answer from: master-2',
  ],
])('what would cost the quorum is refused with the arithmetic', async (members, index, why) => {
  const etcd = etcdOf(members)
  expect(await removing(etcd, index)).toMatchObject({
    code: 'etcd.quorum',
    message: expect.stringContaining(why) as string,
  })
  expect(etcd.log()).toEqual([])
})

test('an etcd that tells no members is a failure, not an absence', async () => {
  const etcd = etcdOf(three)
  etcd.put('members', [])
  expect(await removing(etcd, 2)).toMatchObject({
    code: 'etcd.removal',
    message: expect.stringContaining('no members') as string,
  })
})

test('the script refuses exactly what the plan refuses', async () => {
  const member = fc.record({
    name: fc.constant(''),
    part: fc.constantFrom(
      'voter' as const,
      'voter' as const,
      'voter' as const,
      'learner' as const,
      'unstarted' as const,
    ),
    answers: fc.constantFrom('yes' as const, 'yes' as const, 'no' as const),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 5 }), fc.nat(4), async (drawn, at) => {
      const members = drawn.map((one, index) => ({ ...one, name: `master-${index + 1}` }))
      const index = at % members.length
      const votes = members.map(({ name, part, answers }, place): Vote => ({
        id: idOf(place),
        name,
        peerUrls: [],
        part,
        answers: part === 'voter' ? answers : 'no',
      }))
      const gone = votes[index]
      if (!gone) throw new Error('no member')
      const leads = votes.findIndex(({ answers }) => answers === 'yes')
      const etcd = fakeEtcd(members, Math.max(leads, 0))
      const outcome = await removing(etcd, index)
      const left = etcd.ids()
      etcd.end()
      if (removalFault(votes, gone) === null) {
        expect(outcome).toBeNull()
        expect(left).not.toContain(idOf(index))
      } else {
        expect(outcome).toMatchObject({ code: 'etcd.quorum' })
        expect(left).toHaveLength(members.length)
      }
    }),
    { numRuns: 25 },
  )
}, 120_000)

test('a stranger that answers is never dropped, one that is silent is', async () => {
  const alive = etcdOf(three)
  expect(await removing(alive, 2, 'only silent')).toMatchObject({
    code: 'etcd.alive',
    message: expect.stringContaining(urlOf(2)) as string,
  })
  expect(alive.log()).toEqual([])
  const silent = etcdOf([...three.slice(0, 2), voter('master-3', 'no')])
  expect(await removing(silent, 2, 'only silent')).toBeNull()
  expect(silent.log()).toEqual([`remove ${idOf(2)}`])
})

test('one that never started has no client URL: the one beside its peer URL is asked', async () => {
  const etcd = etcdOf([...three.slice(0, 2), { name: 'master-3', part: 'unstarted', answers: 'no' }])
  etcd.put('down', [])
  expect(await removing(etcd, 2, 'only silent')).toMatchObject({ code: 'etcd.alive' })
  etcd.put('down', [urlOf(2)])
  expect(await removing(etcd, 2, 'only silent')).toBeNull()
})

const leaver = { name: 'master-3', nodeIP: '10.0.0.23', role: 'control plane', criSocket: '/s', reach: 'dead' } as const
const listed = [
  { id: 'a1', name: 'master-1', peerUrls: ['https://10.0.0.21:2380'], part: 'voter' },
  { id: 'a2', name: '', peerUrls: ['https://10.0.0.230:2380'], part: 'unstarted' },
  { id: 'a3', name: 'master-3', peerUrls: ['https://10.0.0.23:2380'], part: 'voter' },
] as const

test('the step shows its member going, and nothing once it is gone', async () => {
  const step = leaveEtcdStep({ leaver })
  expect(step.writes).toEqual(['leader'])
  expect(shownChanges(step, { [etcdMembers().kind.name]: () => listed })).toEqual([
    'etcd member master-3: voter → absent',
  ])
  expect(shownChanges(step, { [etcdMembers().kind.name]: () => listed.slice(0, 2) })).toEqual([])
  const etcd = etcdOf(three)
  const own = [{ ...listed[2], id: idOf(2) }]
  await intentWith(step, { [etcdMembers().kind.name]: () => own }).apply(etcd.at)
  expect(etcd.log()).toEqual([`remove ${idOf(2)}`])
})

test.each([
  ['by name', { name: 'master-3', nodeIP: '10.9.9.9' }, ['a3']],
  ['by address, and not by half of one', { name: 'x', nodeIP: '10.0.0.23' }, ['a3']],
  ['one that has no name yet', { name: 'x', nodeIP: '10.0.0.230' }, ['a2']],
])('members are recognised %s', (_, host, ids) => {
  expect(ownMembers(listed, host).map(({ id }) => id)).toEqual(ids)
})

test('a dropped member is shown with its id', () => {
  const step = dropMemberStep({ member: listed[1], why: 'orphan' })
  expect(step.id).toBe('etcd:drop:a2')
  expect(shownChanges(step, { [etcdMembers().kind.name]: () => listed })).toEqual([
    'etcd member https://10.0.0.230:2380 (a2): unstarted → absent',
  ])
  expect(shownChanges(step, { [etcdMembers().kind.name]: () => [] })).toEqual([])
})
