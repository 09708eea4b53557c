// What differs, as a person reads it: labels, taints, manifests, kubeconfig, CoreDNS, versions, and what verify finds.
import { describe, expect, test } from 'vitest'
import { known } from '../../src/model/fact.js'
import type { Cluster, Pod } from '../../src/facts/kubernetes/cluster-objects.js'
import type { Kubeconfig } from '../../src/facts/kubernetes/kubeconfig.js'
import { parseKubeconfig } from '../../src/facts/kubernetes/kubeconfig.js'
import { kubeconfigChanges, kubeconfigProblems } from '../../src/steps/kubernetes/fetch-kubeconfig.js'
import { kubeadmFailure } from '../../src/steps/kubernetes/kubeadm-failure.js'
import { manifestChanges } from '../../src/steps/kubernetes/manifest.js'
import { nodeChanges, nodeStep, type NodeWanted } from '../../src/steps/kubernetes/node.js'
import { onFresh } from '../../src/steps/kubernetes/on-fresh.js'
import { crowdedNode } from '../../src/steps/kubernetes/spread-dns.js'
import { completed, missingPods, podProblems } from '../../src/tasks/cluster/control-plane.js'
import { memberProblems, nodeProblems, strangers } from '../../src/tasks/cluster/healthy.js'
import { skewProblems } from '../../src/tasks/kubernetes/skew.js'
import { KhactlError } from '../../src/model/error.js'
import type { Change } from '../../src/model/step.js'
import { shownChanges } from '../support/sight.js'

const say = (changes: readonly Change[]) =>
  changes.map(({ path, from, to }) => `${path}: ${from ?? 'absent'} → ${to ?? 'absent'}`)

describe('labels and taints', () => {
  const taint = { key: 'only', value: 'batch', effect: 'NoSchedule' }
  const wanted: NodeWanted = { name: 'w', labels: { disk: 'ssd', role: '' }, taints: [taint], joinsWith: null }

  test('the Node of a host that was made anew says nothing of the one that is to come', () => {
    const joinsWith = { labels: { role: '' }, taints: [] }
    const step = nodeStep({ ...wanted, taints: [], joinsWith }, 'there')
    const old = { name: 'w', labels: { disk: 'ssd', role: '' }, taints: [] }
    const facts = (files: readonly string[]) => ({
      cluster: () => ({ nodes: [old] }),
      'kubernetes remains': () => ({ files: new Set(files) }),
    })
    expect(shownChanges(step, facts([]))).toEqual(['node w label disk: absent → ssd'])
    expect(shownChanges(step, facts(['kubelet.conf']))).toEqual([])
  })

  test('nothing differs, whatever others added', () => {
    const have = { labels: { disk: 'ssd', role: '', other: 'x' }, taints: [taint, { ...taint, key: 'theirs' }] }
    expect(nodeChanges(wanted, have)).toEqual([])
  })
  test('a label gone, one changed, a taint with another value', () => {
    expect(say(nodeChanges(wanted, { labels: { disk: 'hdd' }, taints: [{ ...taint, value: 'x' }] }))).toEqual([
      'node w label disk: hdd → ssd',
      'node w label role: absent → ""',
      'node w taint only:NoSchedule: x → batch',
    ])
  })
  test('a node that is not there is waited for only when it is to join', () => {
    expect(nodeChanges(wanted, null)).toEqual([])
    expect(say(nodeChanges({ ...wanted, joinsWith: { labels: { role: '' }, taints: [taint] } }, null))).toEqual([
      'node w label disk: absent → ssd',
    ])
  })
})

test('a manifest: first, another text, a workload that somebody deleted', () => {
  const manifest = { key: 'cni', name: 'calico v3.30.2', text: 'a' }
  const to = 'calico v3.30.2 (sha256:ca978112ca1b)'
  expect(say(manifestChanges(manifest, { applied: null, lacking: [] }))).toEqual([`cni manifest: absent → ${to}`])
  expect(say(manifestChanges(manifest, { applied: 'old', lacking: ['/x/y'] }))).toEqual([`cni manifest: old → ${to}`])
  const lacking = ['/apis/apps/v1/namespaces/kube-system/daemonsets/calico-node']
  expect(say(manifestChanges(manifest, { applied: to, lacking }))).toEqual(['daemonsets/calico-node: absent → present'])
})

describe('the kubeconfig', () => {
  const wanted = {
    cluster: 'lab',
    endpoint: 'https://10.0.0.5:6443',
    file: '/home/me/lab.kubeconfig',
    merge: 'no' as const,
  }
  const admin: Kubeconfig = {
    mode: 'rw-------',
    clusters: [{ name: 'lab', server: wanted.endpoint, ca: 'CA' }],
    users: [],
    contexts: [],
  }

  test('absent, or of a cluster that was made anew', () => {
    const made = 'kubeconfig /home/me/lab.kubeconfig: absent → admin of lab at https://10.0.0.5:6443'
    const mode = 'kubeconfig /home/me/lab.kubeconfig mode: absent → rw-------'
    expect(say(kubeconfigChanges(wanted, { admin, mine: null }))).toEqual([made, mode])
    expect(say(kubeconfigChanges(wanted, { admin, mine: admin }))).toEqual([
      made.replace('absent', 'of another cluster'),
    ])
  })
  test('never replaces other clusters', () => {
    const mine = { ...admin, clusters: [{ name: 'work', server: 'x', ca: '' }] }
    expect(kubeconfigProblems(wanted, { admin, mine })).toHaveLength(1)
    expect(kubeconfigProblems({ ...wanted, merge: 'merge' }, { admin, mine })).toEqual([])
    expect(kubeconfigProblems(wanted, { admin, mine: admin })).toEqual([])
  })
  test('is read without its secrets, or not at all', () => {
    expect(parseKubeconfig('')).toEqual({ clusters: [], users: [], contexts: [] })
    expect(parseKubeconfig('{')).toBeNull()
    expect(
      parseKubeconfig('clusters: [{name: a, cluster: {server: https://x, certificate-authority-data: Q0E=}}]'),
    ).toEqual({
      clusters: [{ name: 'a', server: 'https://x', ca: 'CA' }],
      users: [],
      contexts: [],
    })
  })
})

const cluster: Cluster = {
  nodes: ['a', 'b'].map((name) => ({
    name,
    labels: {},
    taints: [],
    schedulable: 'yes',
    ready: 'ready',
    why: '',
    kubelet: '1.20.2',
  })),
  controlPlane: [],
  dns: [],
  version: '1.20.2',
  configuration: null,
  own: {},
  minted: [],
  now: 1000,
}
const pod: Pod = { name: 'p', node: 'a', ready: 'ready', restarts: 0, runningSince: 990, restarted: 'never' }

test('CoreDNS is spread once, when there is somewhere to go', () => {
  expect(crowdedNode({ ...cluster, dns: [pod, pod] })).toBe('a')
  expect(crowdedNode({ ...cluster, dns: [pod, { ...pod, node: 'b' }] })).toBeNull()
  expect(crowdedNode({ ...cluster, dns: [pod] })).toBeNull()
  expect(crowdedNode({ ...cluster, dns: [pod, pod].map((one) => ({ ...one, restarted: 'by hand' })) })).toBeNull()
  expect(crowdedNode({ ...cluster, dns: [pod, pod], nodes: cluster.nodes.slice(1) })).toBeNull()
  expect(crowdedNode({ ...cluster, dns: [] })).toBeNull()
})

test('what verify finds in nodes, static pods and etcd', () => {
  expect(nodeProblems(['a', 'c'], cluster).map(({ message }) => message)).toEqual(['c is no node of the cluster'])
  expect(strangers(['a', 'z'], cluster).map(({ message }) => message)).toEqual(['node b is no host of the inventory'])
  const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']
  const pods = parts.map((part) => ({ ...pod, name: `${part}-a` }))
  const none = new Map<string, string>()
  expect(missingPods(['a'], { pods, blind: none })).toEqual([])
  expect(missingPods(['a'], { pods: pods.slice(1), blind: new Map([['a', 'no crictl']]) })[0]?.message).toContain(
    'and a itself could not be asked (no crictl)',
  )
  expect(missingPods(['a'], { pods: pods.slice(1), blind: none }).map(({ message }) => message)).toEqual([
    'the kubelet of a has told the API of no kube-apiserver-a, and it does not run on a',
  ])
  expect(missingPods(['a', 'b'], { pods, blind: none })).toHaveLength(4)
  const silent = { ...pod, name: 'etcd-a', runningSince: null }
  expect(completed([silent], [{ ...pod, name: 'etcd-a', restarts: 1 }])).toEqual([
    { ...pod, name: 'etcd-a', restarts: 1 },
  ])
  expect(completed([silent, pod], [{ ...pod, restarts: 7 }])).toEqual([silent, pod])
  expect(completed([], [])).toEqual([])
  expect(podProblems(pod, 1000)).toEqual([])
  expect(podProblems({ ...pod, restarts: 3 }, 1000)[0]?.message).toBe('p was restarted 10 s ago (3 restarts)')
  expect(podProblems({ ...pod, restarts: 3 }, 1060)).toEqual([])
  expect(podProblems({ ...pod, runningSince: null }, 1000)[0]?.message).toBe('p does not run (0 restarts)')
  expect(podProblems({ ...pod, ready: 'not ready' }, 1000)).toEqual([])
  expect(podProblems({ ...pod, ready: 'not ready' }, 1110)[0]?.message).toBe('p runs but is not ready (0 restarts)')
  const member = { id: '1', name: 'a', peerUrls: ['https://10.0.0.1:2380'], part: 'voter' as const }
  const master = (name: string, nodeIP: string) => ({ host: name, nodeIP })
  const masters = { wanted: ['a'], ours: [master('a', '10.0.0.1'), master('b', '10.0.0.2')] }
  const broken = { ...member, id: '2', name: 'b', peerUrls: ['https://10.0.0.2:2380'] }
  expect(memberProblems(masters, [member, broken])).toEqual([])
  expect(memberProblems(masters, [member, { ...broken, name: '', part: 'unstarted' }])).toEqual([])
  expect(memberProblems(masters, [{ ...member, part: 'learner' }])[0]).toMatchObject({ level: 'failure' })
  for (const stranger of [
    { ...broken, name: 'z' },
    { ...broken, name: '', peerUrls: ['https://10.0.0.20:2380'] },
  ])
    expect(memberProblems(masters, [member, stranger])[0]).toMatchObject({ level: 'warning' })
})

test('versions that may not be mixed', () => {
  const fine = { wanted: '1.20.2', cluster: '1.20.2', kubelet: '1.20.2', host: 'a', standing: 'member' as const }
  expect(skewProblems(fine)).toEqual([])
  expect(skewProblems({ ...fine, cluster: null, kubelet: null })).toEqual([])
  expect(skewProblems({ ...fine, cluster: '1.20.1' })[0]?.message).toContain('the cluster runs Kubernetes 1.20.1')
  expect(skewProblems({ ...fine, kubelet: '1.19.9' })[0]?.message).toContain('member with kubelet 1.19.9')
  expect(skewProblems({ ...fine, kubelet: '1.19.9', standing: 'joins' })).toEqual([])
})

test('a fresh cluster stands for what is unknown, never for what cannot be read', () => {
  const look = (reading: object) => onFresh({ read: () => reading as never }, 'fresh').read({ get: () => undefined })
  expect(look({ status: 'unknown', until: 'x' })).toEqual(known('fresh'))
  expect(look({ status: 'unreadable', why: 'x' })).toEqual({ status: 'unreadable', why: 'x' })
  expect(look(known('real'))).toEqual(known('real'))
})

test("kubeadm's reason", () => {
  const failed = (tail: readonly string[]) =>
    kubeadmFailure(new KhactlError('job.failed', { message: 'm', exit: 'failed', tail }), 'a').message
  expect(
    failed(['error execution phase preflight: [preflight] Some fatal errors occurred:', '\t[ERROR Swap]: swap is on']),
  ).toBe('kubeadm failed on a: swap is on')
  expect(failed(['error execution phase kubelet-start: a Node exists'])).toBe(
    'kubeadm failed on a: kubelet-start: a Node exists',
  )
  expect(failed(['something else'])).toBe('m')
})
