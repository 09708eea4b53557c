// The judgements on a living cluster, each with timelines that it must pass and that it must not.
import { describe, expect, test } from 'vitest'
import {
  holes,
  judge,
  orphanMembers,
  strayBackends,
  unreadyBackends,
  vipLost,
  vipRaces,
  vipTwice,
} from '../e2e/support/watch/judge.js'
import type { EndpointSample, MasterSample, Sample, Timeline } from '../e2e/support/watch/timeline.js'

const zero = 1_700_000_000_000
const address = (host: string): string => `10.0.0.2${host.at(-1)}`
const members = (...hosts: readonly string[]) => hosts.map((name) => ({ name, address: address(name) }))

const lb = (host: string, second: number, more: Partial<EndpointSample> = {}): EndpointSample => ({
  kind: 'endpoint',
  host,
  at: zero + second * 1000,
  holdsVip: host === 'haproxy-1',
  servers: ['master-1', 'master-2'].map((server) => ({ server, up: true })),
  ...more,
})
const master = (host: string, second: number, more: Partial<MasterSample> = {}): MasterSample => ({
  kind: 'master',
  host,
  address: address(host),
  at: zero + second * 1000,
  installed: true,
  ready: true,
  members: members('master-1', 'master-2'),
  ...more,
})

const over = (seconds: number, look: (second: number) => readonly Sample[]): Timeline =>
  Array.from({ length: seconds }, (_, second) => look(second)).flat()
const well = (second: number): readonly Sample[] => [
  lb('haproxy-1', second),
  lb('haproxy-2', second),
  master('master-1', second),
  master('master-2', second),
]
const what = (found: readonly { readonly what: string }[]): readonly string[] => found.map((one) => one.what)

test('a cluster that is well passes', () => {
  const timeline = over(30, well)
  expect(judge(timeline)).toEqual([])
  expect(vipRaces(timeline)).toEqual([])
})

describe('a backend whose API server is not ready', () => {
  const unreadyFor = (seconds: number, how: 'says so' | 'is silent') =>
    over(30, (second) => {
      const bad = second >= 5 && second < 5 + seconds
      const other = bad ? { ready: false } : {}
      const own = bad && how === 'is silent' ? [] : [master('master-2', second, other)]
      return [lb('haproxy-1', second), master('master-1', second), ...own]
    })

  test('may be UP for as long as haproxy needs to notice', () => {
    expect(unreadyBackends()(unreadyFor(8, 'says so'))).toEqual([])
  })
  test('may not be UP for longer', () => {
    expect(unreadyBackends()(unreadyFor(9, 'says so'))).toEqual([
      {
        rule: 'backend not ready',
        what: 'haproxy-1 sends to master-2, whose API server is not ready',
        from: zero + 5000,
        to: zero + 13_000,
      },
    ])
  })
  test('is also one on a host that is gone', () => {
    expect(what(unreadyBackends()(unreadyFor(20, 'is silent')))).toEqual([
      'haproxy-1 sends to master-2, whose API server is not ready',
    ])
  })
  test('starts anew when it was ready in between', () => {
    const timeline = over(30, (second) => [
      lb('haproxy-1', second),
      master('master-1', second),
      master('master-2', second, { ready: second % 6 === 0 }),
    ])
    expect(unreadyBackends()(timeline)).toEqual([])
  })
  test('is none when haproxy sends nothing there', () => {
    const servers = [{ server: 'master-2', up: false }]
    const timeline = over(30, (second) => [
      lb('haproxy-1', second, { servers }),
      master('master-2', second, { ready: false }),
    ])
    expect(unreadyBackends()(timeline)).toEqual([])
  })
})

describe('a backend of a host that is no master', () => {
  const removed = (more: Partial<MasterSample>, views: readonly string[]) =>
    over(20, (second) => [
      lb('haproxy-1', second, { servers: [{ server: 'master-2', up: false }] }),
      master('master-1', second, second < 5 ? {} : { members: members(...views) }),
      ...(second < 5
        ? [master('master-2', second)]
        : [master('master-2', second, { ready: false, members: null, ...more })]),
    ])

  test('is found by the manifest that is gone', () => {
    expect(what(strayBackends()(removed({ installed: false }, ['master-1', 'master-2'])))).toEqual([
      'haproxy-1 is configured with master-2, which is no master',
    ])
  })
  test('is found by the member that is gone', () => {
    expect(what(strayBackends()(removed({}, ['master-1'])))).toEqual([
      'haproxy-1 is configured with master-2, which is no master',
    ])
  })
  test('is not one that is only unwell, or dead and still a member', () => {
    expect(strayBackends()(removed({}, ['master-1', 'master-2']))).toEqual([])
    const dead = over(20, (second) => [lb('haproxy-1', second), master('master-1', second)])
    expect(strayBackends()(dead)).toEqual([])
  })
})

describe('a member without a host', () => {
  const after = (seconds: number) =>
    over(30, (second) => [
      master('master-1', second),
      ...(second >= 5 && second < 5 + seconds ? [] : [master('master-2', second)]),
    ])
  test('is found, whether the host is gone or was emptied', () => {
    const told = ['master-1 lists the etcd member master-2 10.0.0.22, which no running host is']
    expect(what(orphanMembers()(after(20)))).toEqual(told)
    const emptied = over(20, (second) => [
      master('master-1', second),
      master('master-2', second, { installed: second < 5, ready: second < 5 }),
    ])
    expect(what(orphanMembers()(emptied))).toEqual(told)
  })
  test('is not found in a blink, nor by a name that it does not have yet', () => {
    expect(orphanMembers()(after(3))).toEqual([])
    const joining = over(20, (second) => [
      master('master-1', second, { members: [...members('master-1'), { name: '', address: '10.0.0.22' }] }),
      master('master-2', second, { ready: false, members: null }),
    ])
    expect(orphanMembers()(joining)).toEqual([])
  })
  test('an unnamed one at no host is one', () => {
    const timeline = over(20, (second) => [
      master('master-1', second, { members: [{ name: '', address: '10.0.0.99' }] }),
    ])
    expect(what(orphanMembers()(timeline))).toEqual([
      'master-1 lists the etcd member (unnamed) 10.0.0.99, which no running host is',
    ])
  })
})

describe('the VIP', () => {
  const heldBy = (holders: readonly string[]) =>
    holders.flatMap((held, second) =>
      ['haproxy-1', 'haproxy-2'].map((host) => lb(host, second, { holdsVip: held.includes(host.at(-1) ?? '') })),
    )
  test('may be nowhere in two looks, not in three', () => {
    expect(vipLost(heldBy(['1', '', '', '2', '', '', '2']))).toEqual([])
    expect(vipLost(heldBy(['1', '', '', '', '2']))).toEqual([
      { rule: 'VIP lost', what: 'nobody holds the VIP', from: zero + 1000, to: zero + 3000 },
    ])
  })
  test('on two hosts is a race in one look and wrong in two', () => {
    const race = heldBy(['1', '12', '2'])
    expect(vipTwice(race)).toEqual([])
    expect(vipRaces(race)).toEqual([zero + 1000])
    const twice = heldBy(['1', '12', '12', '2'])
    expect(what(vipTwice(twice))).toEqual(['several hosts hold the VIP'])
    expect(vipRaces(twice)).toEqual([])
  })
  test('is looked at in the same second by hosts that are late', () => {
    const late = heldBy(['1', '1', '2', '2']).map((one) =>
      one.host === 'haproxy-2' ? { ...one, at: one.at + 900 } : one,
    )
    expect([...vipTwice(late), ...vipLost(late), ...vipRaces(late)]).toEqual([])
  })
})

test('a host that was not seen is a hole, and so is a haproxy that did not answer', () => {
  const during = { hosts: ['haproxy-1', 'master-1'], from: zero, to: zero + 29_000 }
  expect(holes(during)(over(30, well))).toEqual([])
  const silent = over(30, (second) => [
    lb('haproxy-1', second, second > 20 ? { servers: null } : {}),
    ...(second > 10 && second < 20 ? [] : [master('master-1', second)]),
  ])
  expect(holes(during)(silent).map((one) => [one.what, one.from - zero, one.to - zero])).toEqual([
    ['nothing was heard of haproxy-1', 20_000, 29_000],
    ['nothing was heard of master-1', 10_000, 20_000],
  ])
})
