// What khactl status reads, from what hosts of the lab answered.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parseCertificates } from '../../src/facts/status/certificates.js'
import { etcdLocal } from '../../src/facts/status/etcd-local.js'
import { parseNodes } from '../../src/facts/status/node-objects.js'
import { parseStaticPods } from '../../src/facts/status/static-pods.js'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name))

test('nodes: who is ready, and who cordoned one when', () => {
  const nodes = parseNodes(fixture('status-nodes.json').toString())
  expect(nodes).toMatchObject([
    { name: 'master-1', role: 'master', ready: 'yes', why: '', version: '1.20.2', pressures: [], cordon: null },
    { name: 'worker-1', role: 'worker', ready: 'yes', cordon: { byKhactl: null } },
  ])
  const cordon = nodes[1]?.cordon
  expect(cordon?.manager).toMatch(/^kubectl/)
  expect(new Date((cordon?.since ?? 0) * 1000).toISOString()).toMatch(/^2026-11-21T05:3/)
})

test('nodes: pressure, an annotation of khactl, a kubelet that never reported', () => {
  const json = JSON.parse(fixture('status-nodes.json').toString()) as {
    items: Record<string, Record<string, unknown>>[]
  }
  const node = json.items[1] ?? {}
  node['metadata'] = { ...node['metadata'], annotations: { 'khactl.io/cordoned-by': 'khactl remove' } }
  node['status'] = { conditions: [{ type: 'DiskPressure', status: 'True' }] }
  expect(parseNodes(JSON.stringify(json))[1]).toMatchObject({
    ready: 'no',
    why: 'its kubelet has not reported yet',
    pressures: ['DiskPressure'],
    cordon: { byKhactl: 'khactl remove' },
  })
})

test('certificates of a master: all of them, and no key left the host', () => {
  const text = gunzipSync(fixture('status-certificates.gz')).toString()
  expect(text).not.toContain('PRIVATE')
  const found = parseCertificates(text)
  expect(found.length).toBeGreaterThan(12)
  expect(found.filter(({ expires }) => expires === null)).toEqual([])
  expect(found.find(({ path }) => path === '/etc/kubernetes/admin.conf')?.expires).toBeGreaterThan(1_790_000_000)
})

test('certificates: what is none is said, a kubeconfig without one is left out', () =>
  expect(parseCertificates('/etc/kubernetes/pki/ca.crt\nrubbish\n\0/etc/kubernetes/admin.conf\n\0end\n')).toEqual([
    { path: '/etc/kubernetes/pki/ca.crt', expires: null },
  ]))

test('static pods: names that the kernel cut are recognised, one that does not run is missed', () => {
  const text = fixture('status-pods.txt').toString()
  const { wanted, running } = parseStaticPods(text)
  expect(wanted).toEqual(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
  expect(running).toEqual(wanted)
  expect(parseStaticPods('wanted etcd.yaml\nwanted kube-scheduler.yaml\nruns kube-scheduler\nend\n')).toEqual({
    wanted: ['etcd', 'kube-scheduler'],
    running: ['kube-scheduler'],
  })
})

test('etcd: a member alone, without a leader, still knows the others; an answer cut short is none', () => {
  const stdout = [
    '{"header":{},"members":[{"ID":"10","name":"a","peerURLs":["https://1:2380"],"clientURLs":["https://1:2379"]},{"ID":"11","name":"b","peerURLs":["https://2:2380"],"clientURLs":["https://2:2379"]}]}',
    '@khactl 200 members',
    '{"header":{"member_id":"10"},"version":"3.4.13","dbSize":"4096","errors":["etcdserver: no leader"]}',
    '@khactl 200 https://1:2379/v3/maintenance/status',
    'end',
    '',
  ].join('\n')
  const { kind } = etcdLocal()
  const tell = (text: string) =>
    kind.tell({ stdout: Buffer.from(text), stderr: Buffer.alloc(0), status: 0 }, [null as never])[0]
  expect(tell(stdout)).toMatchObject({
    status: 'known',
    state: {
      members: [
        { name: 'a', answers: 'no' },
        { name: 'b', answers: 'no' },
      ],
      alarms: [],
    },
  })
  expect(tell(stdout.slice(0, -4))).toMatchObject({ status: 'unreadable' })
  expect(tell('none\n')).toEqual({ status: 'known', state: null })
})
