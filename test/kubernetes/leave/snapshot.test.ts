// A snapshot on the operator's machine: whole, private, the last five, and taken once for a run that is continued.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseSnapshots } from '../../../src/facts/kubernetes/snapshots.js'
import { fetchSnapshot } from '../../../src/steps/kubernetes/leave/snapshot-fetch.js'
import { takeSnapshot } from '../../../src/steps/kubernetes/leave/snapshot-take.js'
import { snapshotStep } from '../../../src/steps/kubernetes/leave/snapshot.js'
import { createHost, intentOf, writersOf } from '../../support/local-host.js'
import { shownChanges } from '../../support/sight.js'
import { job, scripted } from '../script.js'

const at = Date.UTC(2026, 10, 21, 5, 30, 0) / 1000

test.each([
  ['an empty folder', `now ${at}`, { names: [], age: null }],
  [
    'one, of ten minutes ago',
    `4128 etcd-lab-20261121T052000Z.db\nnow ${at}`,
    { names: ['etcd-lab-20261121T052000Z.db'], age: 600 },
  ],
  ['one that was cut', `4000 etcd-lab-20261121T052000Z.db\nnow ${at}`, { names: [], age: null }],
  ['an empty one', `32 etcd-lab-20261121T052000Z.db\nnow ${at}`, { names: [], age: null }],
  ['another cluster’s', `4128 etcd-lab-b-20261121T052000Z.db\nnow ${at}`, { names: [], age: null }],
  ['one by hand', `4128 etcd-lab-mine.db\nnow ${at}`, { names: [], age: null }],
  [
    'one from a clock that went back',
    `4128 etcd-lab-20261121T060000Z.db\nnow ${at}`,
    { names: ['etcd-lab-20261121T060000Z.db'], age: 0 },
  ],
])('a folder with %s', (_, text, seen) => {
  expect(parseSnapshots(text, 'lab')).toEqual(seen)
})

test('an answer that was cut is no empty folder', () => {
  expect(parseSnapshots('4128 etcd-lab-20261121T052000Z.db\n', 'lab')).toBeNull()
})

test.each([
  [{ names: [], age: null }, ['etcd snapshot in /s: absent → a new one']],
  [{ names: ['a'], age: 899 }, []],
  [{ names: ['a', 'b'], age: 900 }, ['etcd snapshot in /s: b → a new one']],
])('with %o', (seen, changes) => {
  expect(shownChanges(snapshotStep({ cluster: 'lab', folder: '/s' }), { 'etcd snapshots': () => seen })).toEqual(
    changes,
  )
})

const stage = () => {
  const root = mkdtempSync(join(tmpdir(), "khactl snapshot'"))
  onTestFinished(() => rmSync(root, { recursive: true }))
  // More than one piece, of pages that do not repeat.
  const bytes = Buffer.alloc(4096 * 2200 + 32)
  for (let index = 0; index < bytes.length; index += 512) bytes.writeUInt32LE(index, index)
  const path = join(root, 'taken.db')
  writeFileSync(path, bytes)
  const host = createHost()
  const folder = join(root, 'a', 'b')
  const writers = writersOf(host)
  const dropped: string[] = []
  const fetch = async (sha256: string) =>
    fetchSnapshot({
      leader: writers.self,
      operator: writers.self,
      taken: { path, bytes: bytes.length, sha256 },
      wanted: { cluster: 'lab', folder },
      whenFetched: () => {
        dropped.push(readdirSync(folder).join())
        return Promise.resolve()
      },
    })
  return { bytes, folder, host, fetch, dropped, sha256: createHash('sha256').update(bytes).digest('hex') }
}

test('it arrives whole, is private, and has its name only when nothing is left on the master', async () => {
  const { bytes, folder, host, fetch, dropped, sha256 } = stage()
  await fetch(sha256)
  const [name = '', ...others] = readdirSync(folder)
  expect(others).toEqual([])
  expect(name).toMatch(/^etcd-lab-\d{8}T\d{6}Z\.db$/)
  expect(dropped).toEqual(['.etcd-lab.part'])
  expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true)
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(intentOf(host, snapshotStep({ cluster: 'lab', folder })).changes).toEqual([])
})

test('one that arrived otherwise gets no name, and the one on the master stays for another try', async () => {
  const { folder, fetch, dropped, sha256 } = stage()
  await expect(fetch('0'.repeat(64))).rejects.toMatchObject({ code: 'etcd.snapshot' })
  expect(dropped).toEqual([])
  expect(readdirSync(folder)).toEqual(['.etcd-lab.part'])
  await fetch(sha256)
  expect(readdirSync(folder)).toHaveLength(1)
})

test('the last five are kept, other names are left alone', async () => {
  const { folder, fetch, sha256 } = stage()
  await fetch(sha256)
  const old = ['01', '02', '03', '04', '05', '06'].map((day) => `etcd-lab-202001${day}T000000Z.db`)
  const others = ['etcd-lab-mine.db', 'etcd-lab-b-20200101T000000Z.db']
  for (const name of [...old, ...others]) writeFileSync(join(folder, name), '')
  await fetch(sha256)
  const left = readdirSync(folder)
  expect(left).toEqual(expect.arrayContaining(others))
  expect(left.filter((name) => /^etcd-lab-\d/.test(name))).toHaveLength(5)
  expect(left).not.toContain(old[0])
})

test('what was taken is read from the last line, and a script that knows why it failed is quoted', async () => {
  const sha256 = 'a'.repeat(64)
  const good = scripted(() => job(0, ['etcd says: 1, 2', `taken /var/lib/etcd/khactl-snapshot.db 4128 ${sha256}`]))
  expect(await takeSnapshot(await good.at.at('leader'))).toEqual({
    path: '/var/lib/etcd/khactl-snapshot.db',
    bytes: 4128,
    sha256,
  })
  const bad = scripted(() => job(1, ['khactl: the snapshot cannot be read: bad']))
  await expect(takeSnapshot(await bad.at.at('leader'))).rejects.toMatchObject({
    message: 'the snapshot cannot be read: bad',
  })
  const strange = scripted(() => job(0, ['something']))
  await expect(takeSnapshot(await strange.at.at('leader'))).rejects.toMatchObject({ code: 'etcd.snapshot' })
})
