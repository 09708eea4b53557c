// What a master without a quorum tells, what a rebuild plans, and the job itself: run in a real shell with an etcd of this test.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseEtcdCopies } from '../../src/facts/kubernetes/etcd-copies.js'
import { parseLastView } from '../../src/facts/kubernetes/last-view.js'

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

test('a member without a leader still knows who the others were, with ids beyond 2^53', () =>
  expect(
    parseLastView(fixture('last-view-master-1.txt')).members.map(({ id, name, part, answers }) => [
      ...[id, name, part, answers],
    ]),
  ).toEqual([
    ['59b4d359d5d8f67f', 'master-1', 'voter', 'yes'],
    ['9aa04db2b97ad42d', 'master-2', 'voter', 'no'],
    ['d3fc6e22d85f3958', 'master-3', 'voter', 'no'],
  ]))

describe('copies of the data', () => {
  test('an unfinished one is none', () =>
    expect(
      parseEtcdCopies(
        '/var/lib/etcd-before-rebuild-20261121T055153Z\n/var/lib/etcd-before-rebuild-20261120T000000Z\n/var/lib/etcd-before-rebuild-20261121T060000Z.part\nend\n',
      ),
    ).toEqual(['/var/lib/etcd-before-rebuild-20261120T000000Z', '/var/lib/etcd-before-rebuild-20261121T055153Z']))
})
