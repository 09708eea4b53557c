// What the cluster forgets of a node: requests by the name inside them, kubeadm's entry, the Node last.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseClusterNames, withoutHost } from '../../../src/facts/kubernetes/cluster-names.js'
import { forgetNamesStep } from '../../../src/steps/kubernetes/leave/forget-names.js'
import { forgetNodeStep, requestsOf } from '../../../src/steps/kubernetes/leave/forget-node.js'
import { intentWith, shownChanges } from '../../support/sight.js'
import { scripted } from '../script.js'

const request = (node: string): string =>
  execFileSync('sh', [
    '-c',
    `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj "/O=system:nodes/CN=system:node:$1" 2>/dev/null | base64 -w 0`,
    'sh',
    node,
  ]).toString()

test('requests are found by who asks and by whom they are for, and by no half of a name', () => {
  const lines = [
    `csr-a system:bootstrap:abc123 ${request('master-1')}`,
    `csr-b system:node:master-1 ${request('other')}`,
    `csr-c system:bootstrap:abc123 ${request('master-11')}`,
    `csr-d system:node:master-11 bm90aGluZw==`,
    'csr-e system:bootstrap:abc123 ',
    '',
  ].join('\n')
  expect(requestsOf('master-1', lines)).toEqual(['csr-a', 'csr-b'])
})

const status = `apiEndpoints:
  master-1:
    advertiseAddress: 10.0.0.21
    bindPort: 6443
  master-3:
    advertiseAddress: 10.0.0.23
    bindPort: 6443
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterStatus
`
const kubeadm = (endpoint: string): string =>
  JSON.stringify({
    data: { ClusterStatus: status, ClusterConfiguration: `clusterName: lab\ncontrolPlaneEndpoint: ${endpoint}\n` },
  })
const info = (server: string): string =>
  JSON.stringify({ data: { kubeconfig: `apiVersion: v1\nclusters:\n- cluster:\n    server: ${server}\n  name: ""\n` } })

test('kubeadm’s entry goes, the others stay', () => {
  const without = withoutHost(status, 'master-3')
  expect(without).toBe(`apiEndpoints:
  master-1:
    advertiseAddress: 10.0.0.21
    bindPort: 6443
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterStatus
`)
})

const names = parseClusterNames(kubeadm('10.0.0.5:6443'), info('https://10.0.0.5:6443'))
const forget = forgetNodeStep({ name: 'master-3' })

test.each([
  [
    'present',
    names,
    ['ConfigMap kubeadm-config API server master-3: present → absent', 'node master-3: present → absent'],
  ],
  ['absent', names, ['ConfigMap kubeadm-config API server master-3: present → absent']],
  ['present', parseClusterNames(null, null), ['node master-3: present → absent']],
  ['absent', { ...names, status: null }, []],
] as const)('a Node that is %s', (node, found, changes) => {
  expect(shownChanges(forget, { 'api object': () => node, 'cluster names': () => found })).toEqual(changes)
})

test('works through the leader alone, and deletes the Node last', async () => {
  const { at, sent } = scripted(({ shown }) =>
    shown.includes('get certificatesigningrequests') ? { stdout: 'csr-b system:node:master-3 \n' } : null,
  )
  await intentWith(forget, { 'api object': () => 'present', 'cluster names': () => names }).apply(at)
  expect(forget.writes).toEqual(['leader'])
  expect(new Set(sent.map(({ host }) => host))).toEqual(new Set(['leader']))
  const said = [
    'get certificatesigningrequests',
    'delete certificatesigningrequest csr-b',
    'ClusterStatus',
    'delete lease',
  ]
  expect(sent.map(({ shown }) => said.findIndex((one) => shown.includes(one)))).toEqual([0, 1, 2, 3])
  expect(sent.at(-1)?.shown).toContain('kube delete node master-3 --ignore-not-found')
})

test('names of a removed host give way to the endpoint, others stay', async () => {
  const step = forgetNamesStep({ leaver: { name: 'master-1', nodeIP: '10.0.0.21' }, endpoint: '10.0.0.5:6443' })
  expect(shownChanges(step, { 'cluster names': () => names })).toEqual([])
  const byHand = parseClusterNames(kubeadm('10.0.0.21:6443'), info('https://master-1:6443'))
  expect(shownChanges(step, { 'cluster names': () => byHand })).toEqual([
    'ConfigMap kubeadm-config controlPlaneEndpoint: 10.0.0.21:6443 → 10.0.0.5:6443',
    'ConfigMap cluster-info server: https://master-1:6443 → https://10.0.0.5:6443',
  ])
  const { at, sent } = scripted(() => null)
  await intentWith(step, { 'cluster names': () => byHand }).apply(at)
  expect(sent[0]?.shown).toContain(String.raw`"value":"clusterName: lab\ncontrolPlaneEndpoint: 10.0.0.5:6443\n"`)
  expect(sent[1]?.shown).toContain(String.raw`    server: https://10.0.0.5:6443\n`)
})
