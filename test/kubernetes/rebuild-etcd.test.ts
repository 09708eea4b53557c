// What a master without a quorum tells, what a rebuild plans, and the job itself: run in a real shell with an etcd of this test.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseEtcdCopies } from '../../src/facts/kubernetes/etcd-copies.js'
import { parseLastView } from '../../src/facts/kubernetes/last-view.js'
import { rebuildFolder } from '../../src/facts/kubernetes/remains.js'
import { fakeSurvivor } from './fake-survivor.js'

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

describe('the job on the survivor', () => {
  let survivor = fakeSurvivor()
  beforeEach(() => {
    survivor.end()
    survivor = fakeSurvivor()
  })
  afterEach(() => survivor.end())
  const manifest = 'kubernetes/manifests/etcd.yaml'
  const folder = 'kubernetes/khactl-rebuild-etcd'
  const expectDone = (): void => {
    const text = survivor.read(manifest)
    expect(text).not.toContain('force-new-cluster')
    expect(text.match(/khactl.io\/etcd-rebuilt: "\d{8}T\d{6}Z"/g)).toHaveLength(1)
    expect(survivor.read('lib/etcd/member/members').trim()).toBe('1')
    expect(survivor.has(folder)).toBe(false)
  }

  test('leaves one member, a manifest without the flag, and a copy of what was', () => {
    const { status, said, stderr } = survivor.run()
    expect([status, stderr]).toEqual([0, ''])
    expectDone()
    const [copy = ''] = survivor.copies()
    expect(survivor.copies()).toHaveLength(1)
    expect(survivor.read(`lib/${copy}/member/members`).trim()).toBe('3')
    expect(said.at(-1)).toMatch(/^what etcd held before is in .*etcd-before-rebuild-\d{8}T\d{6}Z$/)
  })

  test('changes nothing where etcd has a leader again', () => {
    survivor.put('majority', '')
    const before = survivor.read(manifest)
    const { status, said } = survivor.run()
    expect([status, said.at(-1)]).toEqual([1, 'khactl: etcd has a leader again, so it is not rebuilt'])
    expect([survivor.read(manifest), survivor.copies(), survivor.has(folder)]).toEqual([before, [], false])
  })

  test('changes nothing while a lost member answers', () => {
    survivor.put('alive', '')
    const { status, said } = survivor.run()
    expect([status, said.at(-1)]).toEqual([
      1,
      'khactl: something answers at https://10.0.0.22:2379: switch that host off for good first',
    ])
    expect([survivor.read('lib/etcd/member/members').trim(), survivor.has(folder)]).toEqual(['3', false])
  })

  test('changes nothing where a copy has no room', () => {
    survivor.put('free', '102400\n')
    const { status, said } = survivor.run()
    expect([status, said.at(-1)]).toEqual([1, expect.stringContaining('100 MiB are to stay free: 100 MiB are free')])
    expect([survivor.has(manifest), survivor.has(folder)]).toEqual([true, false])
  })

  test('cut at any moment, the same job ends it, from a copy that is older than the first flag', () => {
    let cuts = 0
    for (let moment = 1; ; moment += 4) {
      survivor.end()
      survivor = fakeSurvivor()
      survivor.put('cut', `${moment}`)
      const first = survivor.run()
      if (!survivor.has('was-cut')) {
        expect(first.status).toBe(0)
        break
      }
      cuts += 1
      expect(first.status).not.toBe(0)
      // Cut while it only waited for the API server: nothing is left to do, and nothing is done.
      const isOver =
        survivor.read('lib/etcd/member/members').trim() === '1' &&
        !survivor.has(rebuildFolder.replace('/etc/kubernetes', 'kubernetes'))
      const { status, said, stderr } = survivor.run()
      expect([moment, status, stderr, said.at(-1)]).toEqual([
        moment,
        isOver ? 1 : 0,
        '',
        isOver
          ? 'khactl: etcd has a leader again, so it is not rebuilt'
          : expect.stringMatching(/^what etcd held|^the API/),
      ])
      expectDone()
      const copies = survivor.copies().filter((name) => !name.endsWith('.part'))
      expect([moment, copies.length]).toEqual([moment, 1])
      expect(survivor.read(`lib/${copies[0]}/member/members`).trim()).toBe('3')
    }
    // How many moments there are depends on how often the job has to look before the other side is ready.
    expect(cuts).toBeGreaterThan(8)
  }, 120_000)
})
