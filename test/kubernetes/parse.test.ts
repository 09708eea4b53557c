// What real hosts answered, and the words of tools, as the facts read them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readAnswer } from '../../src/facts/kubernetes/api.js'
import { cluster } from '../../src/facts/kubernetes/cluster.js'
import { parseCluster } from '../../src/facts/kubernetes/cluster-objects.js'
import { etcdMembers, parseMembers, parseMembersJson } from '../../src/facts/kubernetes/etcd-members.js'
import { kubeadmImages, presentImages } from '../../src/facts/kubernetes/images.js'
import { knownNode } from '../../src/facts/kubernetes/known-node.js'
import { runningPods } from '../../src/facts/kubernetes/running-pods.js'
import { parseRemains, remains } from '../../src/facts/kubernetes/remains.js'
import type { Fact, Seen } from '../../src/model/fact.js'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name))

const told = <V>(fact: Fact<V>, of: { stdout?: Buffer | string; stderr?: string; status?: number }): Seen<V> => {
  const section = {
    stdout: Buffer.from(of.stdout ?? ''),
    stderr: Buffer.from(of.stderr ?? ''),
    status: of.status ?? 0,
  }
  const [seen] = fact.kind.tell(section, [fact.arg as never])
  if (!seen) throw new Error('no answer')
  return seen
}

test('a host without anything of Kubernetes', () => {
  const seen = told(remains(), { stdout: fixture('remains-cluster-haproxy-1.txt') })
  expect(seen).toMatchObject({
    status: 'known',
    state: { unit: null, files: new Set(), readyz: null, initMarker: null },
  })
})

test('a master of the lab', () => {
  expect(parseRemains(fixture('remains-cluster-master-1.txt').toString())).toMatchInlineSnapshot(`
    {
      "etcd": null,
      "files": Set {
        "kubelet.conf",
        "admin.conf",
        "pki/ca.crt",
        "manifests/kube-apiserver.yaml",
        "manifests/etcd.yaml",
        "manifests/kube-controller-manager.yaml",
        "manifests/kube-scheduler.yaml",
        "etcd",
        "kubelet",
      },
      "initMarker": null,
      "joinMarker": null,
      "kubeadmConfig": null,
      "readyz": "ok",
      "servers": {
        "admin": "https://10.202.185.100:6443",
        "bootstrap": null,
        "kubelet": "https://10.202.185.100:6443",
      },
      "unit": null,
    }
  `)
})

test('a worker of the lab', () => {
  expect(parseRemains(fixture('remains-cluster-worker-1.txt').toString())).toMatchInlineSnapshot(`
    {
      "etcd": null,
      "files": Set {
        "kubelet.conf",
        "pki/ca.crt",
        "kubelet",
      },
      "initMarker": null,
      "joinMarker": null,
      "kubeadmConfig": null,
      "readyz": null,
      "servers": {
        "admin": null,
        "bootstrap": null,
        "kubelet": "https://10.202.185.100:6443",
      },
      "unit": null,
    }
  `)
})

test('markers, a running unit and an API server that is not ready', () => {
  const text = `file manifests/etcd.yaml
marker init cluster lab of ours
marker init run 20260101T000000Z
unit khactl-kubeadm-init.service
readyz <500>
config <404>
etcd {"health":"true","reason":""}
end
`
  expect(parseRemains(text)).toMatchObject({
    unit: 'khactl-kubeadm-init.service',
    initMarker: { cluster: 'lab of ours', run: '20260101T000000Z' },
    joinMarker: null,
    readyz: 'failing',
    kubeadmConfig: 'absent',
    etcd: 'ok',
  })
  expect(parseRemains('etcd {"health":"false"}\nend\n').etcd).toBe('failing')
  expect(parseRemains("etcd curl: (7) Couldn't connect to server\nend\n").etcd).toBe('silent')
})

test('an answer that was cut off is not an empty host', () => {
  expect(told(remains(), { stdout: 'file kubelet.conf\n', stderr: 'sed: oops' })).toMatchObject({
    status: 'unreadable',
  })
})

test.each([
  ['<200>', 'ok'],
  ['<404>', 'absent'],
  ['<401>', 'refused'],
  ['<403>', 'refused'],
  ['<500>', 'failing'],
  ['<000>curl: (7) Failed to connect to 10.0.0.5 port 443 after 200 ms', 'silent'],
  ['curl: (60) SSL certificate problem: unable to get local issuer certificate<000>', 'stranger'],
  ['curl: (60) SSL certificate problem: self-signed certificate in certificate chain<000>', 'stranger'],
  ['curl: (60) SSL certificate problem: certificate has expired<000>', 'silent'],
  ['<000> Unable to connect to the server: x509: certificate signed by unknown authority ', 'stranger'],
  ['<000> The connection to the server 10.0.0.5:6443 was refused - did you specify the right host or port? ', 'silent'],
  ['', 'silent'],
] as const)('an API server says %j: %s', (line, answer) => {
  expect(readAnswer(line)).toBe(answer)
})

test('the Node object, asked for several', () => {
  const question = knownNode({ node: 'worker-1', server: 'https://10.0.0.5:6443' })
  expect(told(question, { stdout: 'none\n' })).toEqual({ status: 'known', state: null })
  expect(told(question, { stdout: '<200>\n' })).toEqual({ status: 'known', state: 'ok' })
  expect(told(question, { stdout: '' }).status).toBe('unreadable')
})

test('the objects of a cluster of the lab', () => {
  expect(told(cluster(), { stdout: fixture('cluster.gz') })).toMatchInlineSnapshot(`
    {
      "state": {
        "configuration": "apiServer:
      certSANs:
      - 10.202.185.100
      - master-1
      - 10.202.185.21
      - 127.0.0.1
      - localhost
      extraArgs:
        authorization-mode: Node,RBAC
      timeoutForControlPlane: 4m0s
    apiVersion: kubeadm.k8s.io/v1beta2
    certificatesDir: /etc/kubernetes/pki
    clusterName: kube
    controlPlaneEndpoint: 10.202.185.100:6443
    controllerManager: {}
    dns:
      type: CoreDNS
    etcd:
      local:
        dataDir: /var/lib/etcd
    imageRepository: 10.202.185.1:5000/google_containers
    kind: ClusterConfiguration
    kubernetesVersion: v1.20.2
    networking:
      dnsDomain: cluster.local
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/12
    scheduler: {}
    ",
        "controlPlane": [
          {
            "name": "etcd-master-1",
            "node": "master-1",
            "ready": "ready",
            "restarted": "never",
            "restarts": 0,
            "runningSince": 1795227650,
          },
          {
            "name": "kube-apiserver-master-1",
            "node": "master-1",
            "ready": "ready",
            "restarted": "never",
            "restarts": 0,
            "runningSince": 1795227650,
          },
          {
            "name": "kube-controller-manager-master-1",
            "node": "master-1",
            "ready": "ready",
            "restarted": "never",
            "restarts": 0,
            "runningSince": 1795227650,
          },
          {
            "name": "kube-scheduler-master-1",
            "node": "master-1",
            "ready": "ready",
            "restarted": "never",
            "restarts": 0,
            "runningSince": 1795227649,
          },
        ],
        "dns": [],
        "minted": [],
        "nodes": [
          {
            "kubelet": "1.20.2",
            "labels": {
              "beta.kubernetes.io/arch": "amd64",
              "beta.kubernetes.io/os": "linux",
              "kubernetes.io/arch": "amd64",
              "kubernetes.io/hostname": "master-1",
              "kubernetes.io/os": "linux",
              "node-role.kubernetes.io/control-plane": "",
              "node-role.kubernetes.io/master": "",
            },
            "name": "master-1",
            "ready": "ready",
            "schedulable": "yes",
            "taints": [
              {
                "effect": "NoSchedule",
                "key": "node-role.kubernetes.io/master",
                "value": "",
              },
            ],
            "why": "",
          },
          {
            "kubelet": "1.20.2",
            "labels": {
              "beta.kubernetes.io/arch": "amd64",
              "beta.kubernetes.io/os": "linux",
              "kubernetes.io/arch": "amd64",
              "kubernetes.io/hostname": "worker-1",
              "kubernetes.io/os": "linux",
              "node-role.kubernetes.io/worker": "",
            },
            "name": "worker-1",
            "ready": "ready",
            "schedulable": "yes",
            "taints": [],
            "why": "",
          },
        ],
        "now": 1795228105,
        "own": {
          "cni": "cni.yaml (sha256:5df8cc1fa0fd)",
        },
        "version": "1.20.2",
      },
      "status": "known",
    }
  `)
})

test("curl puts headers before each object; the last of them tells the leader's clock", () => {
  const head = 'HTTP/2 200 \r\ndate: Sat, 21 Nov 2026 02:28:30 GMT\r\ncontent-type: application/json\r\n\r\n'
  const printed = gunzipSync(fixture('cluster.gz'))
    .toString()
    .replace(/@now .*\n$/, '')
  const curl = printed.replaceAll(/(^|@khactl \d{3}\n)/g, `$1${head}`).slice(0, -head.length)
  const state = (text: string) => {
    const seen = told(cluster(), { stdout: gzipSync(text) })
    return seen.status === 'known' ? seen.state : seen
  }
  const now = 1795228110
  expect(state(curl)).toEqual({ ...state(`${printed}@now ${now}\n`), now })
  expect(state(curl.replace(/@khactl 200(?=\n$)/, '@khactl 500'))).toMatchObject({ status: 'unreadable' })
})

test('an API server that does not answer is never an empty cluster', () => {
  expect(told(cluster(), { stdout: '', stderr: 'curl: (7) Failed to connect' })).toEqual({
    status: 'unreadable',
    why: "the cluster's objects: curl: (7) Failed to connect",
  })
})

test('the members of etcd, from its gateway and from etcdctl', () => {
  const seen = told(etcdMembers(), { stdout: fixture('etcd-members.json') })
  expect(seen).toMatchObject({ status: 'known', state: [{ name: 'master-1', part: 'voter', id: '482c1367e2a4edee' }] })
  const lines = `482d1e2a7c0a7b0e, started, master-1, https://10.0.0.1:2380, https://10.0.0.1:2379, false
5d0c1a2b3c4d5e6f, unstarted, , https://10.0.0.2:2380, , false
6d0c1a2b3c4d5e6f, started, master-3, https://10.0.0.3:2380, https://10.0.0.3:2379, true`
  expect(parseMembers(lines).map(({ name, part }) => [name, part])).toEqual([
    ['master-1', 'voter'],
    ['', 'unstarted'],
    ['master-3', 'learner'],
  ])
  const json = `{"members":[{"ID":"18446744073709551615","peerURLs":["https://10.0.0.2:2380"]},
    {"ID":"1","name":"m","clientURLs":["https://10.0.0.3:2379"],"isLearner":true}]}`
  expect(parseMembersJson(json)).toEqual([
    { id: 'ffffffffffffffff', name: '', peerUrls: ['https://10.0.0.2:2380'], part: 'unstarted' },
    { id: '1', name: 'm', peerUrls: [], part: 'learner' },
  ])
  expect(told(etcdMembers(), { status: 1, stderr: 'Error: context deadline exceeded\n' }).status).toBe('unreadable')
})

test.each(['{"members":[{"ID":"1', '{"members":[{"ID":"one"}]}', '{"members":[{}]}', '{"members":null}', ''])(
  'members of etcd that cannot be read: %s',
  (stdout) =>
    expect(told(etcdMembers(), { stdout })).toEqual({
      status: 'unreadable',
      why: 'etcd: exit status 0, and no members that can be read',
    }),
)

test('certificates for joining masters are found by their name, and once', () => {
  const secrets = (...names: readonly string[]) =>
    JSON.stringify({ items: names.map((name) => ({ metadata: { name } })) })
  const found = parseCluster(
    { minted: secrets('bootstrap-token-a', 'kubeadm-certs'), certificates: secrets('kubeadm-certs') },
    0,
  )
  expect(found.minted).toEqual(['bootstrap-token-a', 'kubeadm-certs'])
  expect(parseCluster({ minted: secrets(), certificates: secrets('kubeadm-certs') }, 0).minted).toEqual([
    'kubeadm-certs',
  ])
})

test('images: no runtime, one that stands still, one that answers', () => {
  expect(told(presentImages(), { stdout: '@none\n' })).toEqual({ status: 'known', state: new Set() })
  expect(told(presentImages(), { stdout: '@stopped\n' })).toEqual({ status: 'unknown', until: 'unit:containerd' })
  expect(told(presentImages(), { stdout: 'a/b:1\nc/d:2\n@end\n' })).toEqual({
    status: 'known',
    state: new Set(['a/b:1', 'c/d:2']),
  })
  expect(told(presentImages(), { stdout: '', stderr: 'ctr: no such socket' }).status).toBe('unreadable')
})

test("a host's own runtime tells of kube-system alone", () => {
  const container = (pod: string, more: object) => ({
    state: 'CONTAINER_RUNNING',
    createdAt: '1795274972639696004',
    labels: { 'io.kubernetes.pod.name': pod, 'io.kubernetes.pod.namespace': 'kube-system' },
    annotations: { 'io.kubernetes.container.restartCount': '0' },
    ...more,
  })
  const containers = [
    container('etcd-m1', {}),
    container('kube-apiserver-m1', { annotations: { 'io.kubernetes.container.restartCount': '2' } }),
    container('kube-scheduler-m1', { createdAt: undefined }),
    container('x', { labels: { 'io.kubernetes.pod.name': 'x', 'io.kubernetes.pod.namespace': 'default' } }),
    container('y', { labels: {} }),
  ]
  const pod = { node: null, ready: 'ready', restarts: 0, runningSince: 1_795_274_972, restarted: 'never' }
  const stdout = `${JSON.stringify({ containers })}\0`
  expect(told(runningPods('/run/c.sock', 'self'), { stdout })).toEqual({
    status: 'known',
    state: [
      { ...pod, name: 'etcd-m1' },
      { ...pod, name: 'kube-apiserver-m1', restarts: 2 },
      { ...pod, name: 'kube-scheduler-m1', runningSince: null },
    ],
  })
  expect(
    told(runningPods('/run/c.sock', 'self'), { stdout: '', stderr: 'sh: crictl: not found', status: 127 }),
  ).toEqual({
    status: 'unreadable',
    why: 'what runs on the host: sh: crictl: not found',
  })
})

test("kubeadm's list, or no kubeadm", () => {
  expect(told(kubeadmImages('x'), { stdout: '@none\n' })).toEqual({ status: 'known', state: null })
  expect(told(kubeadmImages('x'), { stdout: 'r/pause:3.2\nr/etcd:3.4.13-0\n@end\n' })).toEqual({
    status: 'known',
    state: ['r/pause:3.2', 'r/etcd:3.4.13-0'],
  })
  const many = kubeadmImages('x').kind.tell(
    { stdout: Buffer.from('r/pause:3.2\n@end\n@none\nr/etcd:1\n@end\n'), stderr: Buffer.alloc(0), status: 0 },
    ['x', 'y', 'z'] as never[],
  )
  expect(many).toMatchObject([{ state: ['r/pause:3.2'] }, { state: null }, { state: ['r/etcd:1'] }])
})
