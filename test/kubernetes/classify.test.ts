// Every state a host can be found in, as a table: evidence → what it is.
import { describe, expect, test } from 'vitest'
import { classify, type Evidence, type Identity } from '../../src/facts/kubernetes/classify.js'
import type { Remains } from '../../src/facts/kubernetes/remains.js'

const endpoint = 'https://10.9.0.5:6443'
const master: Identity = { cluster: 'lab', endpoint, nodeIP: '10.9.0.11', role: 'master' }
const worker: Identity = { ...master, nodeIP: '10.9.0.21', role: 'worker' }
const balancer: Identity = { ...master, nodeIP: '10.9.0.2', role: null }

const nothing: Remains = {
  unit: null,
  files: new Set(),
  servers: { kubelet: null, bootstrap: null, admin: null },
  initMarker: null,
  joinMarker: null,
  readyz: null,
  etcd: null,
  kubeadmConfig: null,
}
const ours = { kubelet: endpoint, bootstrap: null, admin: endpoint }
const marker = { cluster: 'lab', run: 'r1' }
const staticPods = ['manifests/kube-apiserver.yaml', 'manifests/etcd.yaml']
const masterFiles = new Set(['kubelet.conf', 'admin.conf', 'pki/ca.crt', 'etcd', 'kubelet', ...staticPods])
const wholeMaster: Remains = { ...nothing, files: masterFiles, servers: ours, readyz: 'ok' }
const wholeWorker: Remains = {
  ...nothing,
  files: new Set(['kubelet.conf', 'pki/ca.crt', 'kubelet']),
  servers: { ...ours, admin: null },
}
const withoutEtcd = new Set([...masterFiles].filter((file) => !file.includes('etcd')))

const cases: readonly [string, Identity, Partial<Evidence> & { remains: Remains }, string][] = [
  ['a bare host', master, { remains: nothing }, 'fresh'],
  ['a bare host without a Kubernetes role', balancer, { remains: nothing }, 'fresh'],
  ['leftovers on a host without a Kubernetes role', balancer, { remains: wholeWorker, node: 'ok' }, 'fresh'],
  ['a unit of ours at work on a bare host', master, { remains: { ...nothing, unit: 'khactl-x.service' } }, 'busy'],
  ['a unit of ours on a healthy master', master, { remains: { ...wholeMaster, unit: 'u' }, node: 'ok' }, 'busy'],
  ['a unit of ours on a load balancer', balancer, { remains: { ...nothing, unit: 'u' } }, 'busy'],
  ['a healthy master', master, { remains: wholeMaster, node: 'ok' }, 'healthy'],
  ['a healthy master whose endpoint is silent', master, { remains: wholeMaster, node: 'silent' }, 'healthy'],
  ['a healthy master whose Node object was deleted', master, { remains: wholeMaster, node: 'absent' }, 'healthy'],
  [
    'a healthy master with the marker of a finished init',
    master,
    { remains: { ...wholeMaster, initMarker: marker, kubeadmConfig: 'ok' } },
    'healthy',
  ],
  [
    'an API server up, kubeadm-config not yet',
    master,
    { remains: { ...wholeMaster, initMarker: marker, kubeadmConfig: 'absent' } },
    'half-initialised',
  ],
  ['only the init marker', master, { remains: { ...nothing, initMarker: marker } }, 'half-initialised'],
  [
    'init that died before the API server',
    master,
    { remains: { ...wholeMaster, initMarker: marker, readyz: 'silent' } },
    'half-initialised',
  ],
  [
    'a master whose API server is down, with the marker of a finished init',
    master,
    { remains: { ...wholeMaster, initMarker: marker, readyz: 'failing', kubeadmConfig: 'ok' } },
    'broken',
  ],
  [
    'an etcd member that is well behind a silent API server and an init marker',
    master,
    { remains: { ...wholeMaster, initMarker: marker, readyz: 'silent', kubeadmConfig: 'silent', etcd: 'ok' } },
    'broken',
  ],
  [
    'a silent master with an init marker, while another one answers at the endpoint',
    master,
    { remains: { ...wholeMaster, initMarker: marker, readyz: 'silent', etcd: 'silent' }, node: 'ok' },
    'broken',
  ],
  [
    'init that a power cut ended, endpoint and all silent',
    master,
    {
      remains: { ...wholeMaster, initMarker: marker, readyz: 'silent', kubeadmConfig: 'silent', etcd: 'silent' },
      node: 'silent',
    },
    'half-initialised',
  ],
  [
    'init that died before etcd had data',
    master,
    { remains: { ...wholeMaster, files: withoutEtcd, initMarker: marker, readyz: 'silent' }, node: 'silent' },
    'half-initialised',
  ],
  [
    'an init marker of another cluster',
    master,
    { remains: { ...nothing, initMarker: { ...marker, cluster: 'other' } } },
    'foreign',
  ],
  [
    'a join marker of another cluster',
    worker,
    { remains: { ...nothing, joinMarker: { ...marker, cluster: 'other' } } },
    'foreign',
  ],
  [
    'a master of another endpoint',
    master,
    { remains: { ...wholeMaster, servers: { ...ours, admin: 'https://10.0.0.1:6443' } } },
    'foreign',
  ],
  [
    'a worker of another endpoint',
    worker,
    { remains: { ...wholeWorker, servers: { ...ours, admin: null, kubelet: 'https://a:6443' } } },
    'foreign',
  ],
  [
    'a half join to another endpoint',
    worker,
    {
      remains: {
        ...nothing,
        files: new Set(['bootstrap-kubelet.conf']),
        servers: { kubelet: null, admin: null, bootstrap: 'https://a:6443' },
      },
    },
    'foreign',
  ],
  ['a worker of another CA behind the same endpoint', worker, { remains: wholeWorker, node: 'stranger' }, 'foreign'],
  [
    'a kubelet that talks to the API server beside it',
    master,
    { remains: { ...wholeMaster, servers: { ...ours, kubelet: 'https://10.9.0.11:6443' } } },
    'healthy',
  ],
  [
    'a cluster made without an endpoint',
    master,
    {
      remains: {
        ...wholeMaster,
        servers: { kubelet: 'https://10.9.0.11:6443', admin: 'https://10.9.0.11:6443', bootstrap: null },
      },
    },
    'foreign',
  ],
  [
    'a rebuild of etcd that was cut off, although everything answers',
    master,
    { remains: { ...wholeMaster, files: new Set([...masterFiles, 'rebuild']) }, node: 'ok' },
    'broken',
  ],
  [
    'a master with its API server down',
    master,
    { remains: { ...wholeMaster, readyz: 'silent', etcd: 'ok' }, node: 'ok' },
    'broken',
  ],
  [
    'a master with etcd down',
    master,
    { remains: { ...wholeMaster, readyz: 'failing', etcd: 'failing' }, node: 'ok' },
    'broken',
  ],
  [
    'a master that is down, endpoint and all',
    master,
    { remains: { ...wholeMaster, readyz: 'silent', etcd: 'silent' }, node: 'silent' },
    'broken',
  ],
  [
    'a master whose manifests were moved away',
    master,
    { remains: { ...wholeMaster, files: new Set(['kubelet.conf', 'etcd']), readyz: null }, node: 'ok' },
    'broken',
  ],
  [
    'a join that died before etcd',
    master,
    { remains: { ...wholeMaster, files: withoutEtcd, readyz: 'silent' }, node: 'ok' },
    'half-joined',
  ],
  [
    'our join that died beside an etcd that never came up',
    master,
    { remains: { ...wholeMaster, joinMarker: marker, readyz: 'silent', etcd: 'silent' } },
    'half-joined',
  ],
  [
    'our join that died behind a member that votes',
    master,
    { remains: { ...wholeMaster, joinMarker: marker, readyz: 'silent', etcd: 'ok' } },
    'broken',
  ],
  ['our join that finished unseen', master, { remains: { ...wholeMaster, joinMarker: marker }, node: 'ok' }, 'healthy'],
  ['only the join marker', worker, { remains: { ...nothing, joinMarker: marker } }, 'half-joined'],
  ['certificates alone', master, { remains: { ...nothing, files: new Set(['pki/ca.crt']) } }, 'half-joined'],
  ['a kubelet configuration alone', worker, { remains: { ...nothing, files: new Set(['kubelet']) } }, 'half-joined'],
  ['a healthy worker', worker, { remains: wholeWorker, node: 'ok' }, 'healthy'],
  ['a worker without a Node object', worker, { remains: wholeWorker, node: 'absent' }, 'half-joined'],
  ['a worker under another node name', worker, { remains: wholeWorker, node: 'refused' }, 'broken'],
  ['a worker that cannot reach the endpoint', worker, { remains: wholeWorker, node: 'silent' }, 'healthy'],
  ['a worker whose endpoint has no API server', worker, { remains: wholeWorker, node: 'failing' }, 'healthy'],
  [
    'a master without static pods that cannot reach the endpoint',
    master,
    { remains: wholeWorker, node: 'silent' },
    'broken',
  ],
  [
    'a worker before its TLS bootstrap',
    worker,
    {
      remains: {
        ...nothing,
        files: new Set(['bootstrap-kubelet.conf', 'pki/ca.crt']),
        servers: { kubelet: null, admin: null, bootstrap: endpoint },
      },
    },
    'half-joined',
  ],
  ['a worker that the inventory lists as a master', master, { remains: wholeWorker, node: 'ok' }, 'broken'],
  ['a master that the inventory lists as a worker', worker, { remains: wholeMaster, node: 'ok' }, 'broken'],
  [
    'a master that is down, with a join marker, that the inventory lists as a worker',
    worker,
    { remains: { ...wholeMaster, joinMarker: marker, readyz: 'silent', etcd: 'silent' } },
    'broken',
  ],
  [
    'data of etcd and a join marker on a worker',
    worker,
    { remains: { ...wholeWorker, files: new Set(['kubelet.conf', 'etcd']), joinMarker: marker }, node: 'absent' },
    'broken',
  ],
  [
    'our join of a master that got no further than its kubelet',
    master,
    { remains: { ...wholeWorker, joinMarker: marker }, node: 'ok' },
    'half-joined',
  ],
]

describe('classify', () => {
  test.each(cases)('%s', (_, identity, evidence, kind) => {
    expect(classify({ node: null, ...evidence }, identity).kind).toBe(kind)
  })

  test('says the role of a member', () => {
    expect(classify({ remains: wholeMaster, node: 'ok' }, master)).toEqual({ kind: 'healthy', role: 'master' })
    expect(classify({ remains: wholeWorker, node: 'ok' }, worker)).toEqual({ kind: 'healthy', role: 'worker' })
  })

  test('no member of etcd is ever half-joined, whatever its API server says', () => {
    for (const readyz of ['ok', 'failing', 'silent', 'refused'] as const)
      for (const joinMarker of [null, marker])
        for (const node of ['ok', 'absent', 'silent', 'refused', null] as const) {
          const state = classify({ remains: { ...wholeMaster, readyz, etcd: 'ok', joinMarker }, node }, master)
          expect(['healthy', 'broken']).toContain(state.kind)
        }
  })
})
