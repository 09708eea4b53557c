// What runs beside the join of etcd's second member, in a real shell; programs of ours stand for ss and getent.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { besideSecondMember } from '../../src/steps/kubernetes/second-member.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-second-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The words of each `ss -K`. etcd listens once that many connections were closed. */
const closedBy = (of: { members: readonly string[]; server: string; listensAfter: number }): readonly string[] => {
  const home = mkdtempSync(join(folder, 'host-'))
  const program = (name: string, text: string): void =>
    writeFileSync(join(home, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  program(
    'ss',
    `case $1 in -K) echo "$*" >>${home}/closed;; *) [ "$(cat ${home}/closed 2>/dev/null | wc -l)" -lt ${of.listensAfter} ] || echo LISTEN;; esac`,
  )
  program('getent', `echo "$2 STREAM $2"; echo "$2 DGRAM"`)
  const cluster = of.members.map((name) => `${name}=https://10.0.0.1:2380`).join(',')
  writeFileSync(join(home, 'etcd.yaml'), `    - --name=m2\n    - --initial-cluster=${cluster}\n    - --x=y\n`)
  writeFileSync(join(home, 'kubelet.conf'), `clusters:\n- cluster:\n    server: https://${of.server}\n`)
  const script = besideSecondMember
    .replace('/etc/kubernetes/manifests/etcd.yaml', join(home, 'etcd.yaml'))
    .replace('/etc/kubernetes/kubelet.conf', join(home, 'kubelet.conf'))
    .replace('sleep 0.5', 'sleep 0.01')
  const { status } = spawnSync('sh', ['-c', `set -u\n${script}\nbeside`], {
    env: { PATH: `${home}:/usr/bin:/bin` },
    timeout: 20_000,
  })
  expect(status).toBe(0)
  const file = join(home, 'closed')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

const vip = '10.0.0.5:6443'

test("the kubelet's connections to the API are closed until etcd listens", () => {
  const close = '-K dst 10.0.0.5 dport = :6443'
  expect(closedBy({ members: ['m1', 'm2'], server: vip, listensAfter: 2 })).toEqual([close, close])
  expect(closedBy({ members: ['m1', 'm2'], server: '[fd00::5]:6443', listensAfter: 1 })).toEqual([
    '-K dst [fd00::5] dport = :6443',
  ])
})

test('nothing is closed for the third member, which etcd has a quorum without', () => {
  expect(closedBy({ members: ['m1', 'm2', 'm3'], server: vip, listensAfter: 1 })).toEqual([])
  expect(closedBy({ members: ['m1'], server: vip, listensAfter: 1 })).toEqual([])
})

test('an etcd that never listens is not waited for without end', () => {
  expect(closedBy({ members: ['m1', 'm2'], server: vip, listensAfter: 1000 })).toHaveLength(20)
})
