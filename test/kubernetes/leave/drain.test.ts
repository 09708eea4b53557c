// A drain: what goes, what is refused, which budget holds whom, and who cordoned the node.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { shown } from '../../../src/model/command.js'
import type { Writer } from '../../../src/model/step.js'
import { parseNodePods, podsOnNode, type NodePods } from '../../../src/facts/kubernetes/pods-on-node.js'
import { stuckPods } from '../../../src/steps/kubernetes/leave/budgets.js'
import { drainStep } from '../../../src/steps/kubernetes/leave/drain.js'
import { intentWith, shownChanges, told } from '../../support/sight.js'
import { job, scripted, type Reply } from '../script.js'

const pod = (name: string, rest: Record<string, unknown> = {}, owner: string | null = 'ReplicaSet') => ({
  metadata: {
    namespace: 'default',
    name,
    labels: { app: name.slice(0, 3) },
    ...(owner === null ? {} : { ownerReferences: [{ kind: owner, name: 'o', controller: true }] }),
    ...(rest['annotations'] === undefined ? {} : { annotations: rest['annotations'] }),
  },
  spec: { volumes: rest['volumes'] ?? [{ name: 'token', secret: { secretName: 's' } }] },
  status: { phase: rest['phase'] ?? 'Running' },
})

const node = (spec: object = {}, annotations: Record<string, string> = {}, ready = 'True'): string =>
  JSON.stringify({
    metadata: { name: 'worker-1', annotations },
    spec,
    status: { conditions: [{ type: 'Ready', status: ready }] },
  })

const pods = (...items: readonly object[]): string => JSON.stringify({ items })

const many = pods(
  pod('web-1', { volumes: [{ name: 'cache', emptyDir: {} }] }),
  pod('kube-proxy', {}, 'DaemonSet'),
  pod('etcd-master-1', { annotations: { 'kubernetes.io/config.mirror': 'x' } }, 'Node'),
  pod('lonely', {}, null),
  pod('done', { phase: 'Succeeded' }, null),
  pod('job-1', { volumes: [{ name: 'cache', emptyDir: {} }], phase: 'Failed' }, 'Job'),
)

test('static pods and those of DaemonSets stay, what ended is nobody’s loss', () => {
  expect(
    parseNodePods(node(), many).pods.map(({ name, restoredBy, emptyDirs }) => [name, restoredBy, emptyDirs]),
  ).toEqual([
    ['default/done', 'ended', []],
    ['default/job-1', 'ended', []],
    ['default/lonely', 'nobody', []],
    ['default/web-1', 'controller', ['cache']],
  ])
})

test('where no kubelet speaks, a pod that was told to go is as good as gone', () => {
  const going = pod('web-1')
  const items = pods({ ...going, metadata: { ...going.metadata, deletionTimestamp: 'x' } }, pod('web-2'))
  const names = (ready: string) => parseNodePods(node({}, {}, ready), items).pods.map(({ name }) => name)
  expect(names('True')).toEqual(['default/web-1', 'default/web-2'])
  expect(names('False')).toEqual(['default/web-1', 'default/web-2'])
  expect(names('Unknown')).toEqual(['default/web-2'])
})

describe('the fact', () => {
  const answer = (text: string) => told(podsOnNode('worker-1'), gzipSync(text) as unknown as string)
  test('tells a Node that is not there from one that could not be asked for', () => {
    expect(answer(`Error (NotFound)\n@node 404\n${pods()}\n@pods 200\n`)).toMatchObject({
      status: 'known',
      state: { node: null },
    })
    expect(answer(`refused\n@node 000\n${pods()}\n@pods 200\n`)).toMatchObject({ status: 'unreadable' })
    expect(answer(`${node()}\n@node 200\nrefused\n@pods 000\n`)).toMatchObject({ status: 'unreadable' })
    expect(answer('')).toMatchObject({ status: 'unreadable' })
  })
})

const leaver = { name: 'worker-1', nodeIP: '10.0.0.41', role: 'worker', criSocket: '/s', reach: 'reached' } as const
const careful = drainStep({ leaver, losses: 'careful' })
const facts = (state: NodePods) => ({ 'pods on node': () => state })
const web = pods(pod('web-1'), pod('web-2'))
const ours = { 'khactl.io/cordoned-by': 'khactl remove' }

describe('the step', () => {
  test.each([
    [
      'a plain node',
      node(),
      web,
      [
        'node worker-1 annotation khactl.io/cordoned-by: absent → khactl remove',
        'node worker-1: schedulable → cordoned',
        'pods on worker-1: 2: default/web-1, default/web-2 → evicted',
      ],
    ],
    [
      'one that somebody cordoned',
      node({ unschedulable: true }),
      pods(),
      ['node worker-1 annotation khactl.io/cordoned-by: absent → khactl remove (it was cordoned before)'],
    ],
    [
      'one whose drain died',
      node({ unschedulable: true }, ours),
      pods(pod('web-1')),
      ['pods on worker-1: 1: default/web-1 → evicted'],
    ],
    ['one that is drained', node({ unschedulable: true }, ours), pods(), []],
    ['one that is gone', null, pods(), []],
  ] as const)('of %s', (_, nodeJson, podsJson, changes) => {
    expect(shownChanges(careful, facts(parseNodePods(nodeJson, podsJson)))).toEqual(changes)
  })

  test('refuses pods that nobody makes again, and names what is lost either way', () => {
    const state = facts(parseNodePods(node(), many))
    expect(intentWith(careful, state).problems).toMatchObject([
      { level: 'warning', message: expect.stringContaining('default/web-1 (cache)') as string },
      { level: 'failure', message: expect.stringContaining('default/lonely') as string },
    ])
    const forced = drainStep({ leaver, losses: 'despite losses' })
    expect(intentWith(forced, state).problems.map(({ level }) => level)).toEqual(['warning', 'warning'])
  })
})

const drained = async (losses: 'careful' | 'despite losses', reply: Reply, of = node()) => {
  const step = drainStep({ leaver, losses, timeoutSeconds: 30 })
  const { at, sent } = scripted((one) => reply(one) ?? (one.shown.includes('@job') ? job(0) : null))
  const outcome = await intentWith(step, facts(parseNodePods(of, web)))
    .apply(at)
    .then(
      () => null,
      (error: unknown) => error as Error,
    )
  return { outcome, sent }
}

test('notes who cordons before it does, at the leader, and forces only when told to', async () => {
  const { sent } = await drained('careful', () => null)
  expect(sent.map(({ host }) => host)).toEqual(['leader', 'leader'])
  expect(sent[0]?.shown).toContain("kube annotate node worker-1 'khactl.io/cordoned-by=khactl remove'")
  expect(sent[1]?.stdin).toContain('kube cordon worker-1')
  expect(sent[1]?.stdin).toContain('--timeout=30s')
  expect(sent[1]?.stdin).not.toContain('--force')
  expect((await drained('despite losses', () => null)).sent[1]?.stdin).toContain('--force')
  expect(sent[1]?.stdin).not.toContain('--skip-wait')
  const silent = await drained('careful', () => null, node({}, {}, 'Unknown'))
  expect(silent.sent[1]?.stdin).toContain('--skip-wait-for-delete-timeout=1')
})

test('that takes too long names every stuck pod and the budget that holds it', async () => {
  const budgets = JSON.stringify({
    items: [
      {
        metadata: { namespace: 'default', name: 'web' },
        spec: { selector: { matchLabels: { app: 'web' } } },
        status: { disruptionsAllowed: 0 },
      },
    ],
  })
  const { at } = scripted(({ shown }) =>
    shown.includes('poddisruptionbudgets') ? { stdout: budgets } : shown.includes('@job') ? job(1, ['timeout']) : null,
  )
  const scriptedLeader = await at.at('leader')
  const leader: Writer = {
    host: scriptedLeader.host,
    // Zipped, which the script's texts cannot be.
    run: (command, options) =>
      shown(command).includes('gzip')
        ? Promise.resolve({
            status: 0,
            stdout: gzipSync(`${node()}\n@node 200\n${web}\n@pods 200\n`),
            stderr: Buffer.alloc(0),
          })
        : scriptedLeader.run(command, options),
  }
  const applying = intentWith(careful, facts(parseNodePods(node(), web))).apply({
    ...at,
    at: () => Promise.resolve(leader),
  })
  await expect(applying).rejects.toMatchObject({
    code: 'node.drain',
    message:
      'worker-1 could not be drained; still there: default/web-1 (budget default/web allows none to go), default/web-2 (budget default/web allows none to go)',
  })
})

test('that fails keeps the words of kubectl where the pods cannot be told', async () => {
  const { outcome } = await drained('careful', ({ shown }) =>
    shown.includes('@job') ? job(1, ['khactl: the API server is gone']) : null,
  )
  expect(outcome).toMatchObject({ code: 'job.failed', message: 'the API server is gone' })
})

test.each([
  ['in another namespace', 'kube-system/web', {}, 0, 'takes its time'],
  ['that allows one', 'default/web', {}, 1, 'takes its time'],
  ['of other labels', 'default/db', { matchLabels: { app: 'db' } }, 0, 'takes its time'],
  ['of its labels', 'default/web', { matchLabels: { app: 'web' } }, 0, 'budget default/web allows none'],
  [
    'of an expression',
    'default/web',
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] },
    0,
    'allows none',
  ],
  [
    'of its opposite',
    'default/web',
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
    0,
    'takes its time',
  ],
  [
    'of a label it has not',
    'default/web',
    { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
    0,
    'takes its time',
  ],
  [
    'of a label that it must not have',
    'default/web',
    { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
    0,
    'allows none',
  ],
] as const)('a pod and a budget %s', (_, name, selector, allowed, says) => {
  const { pods: found } = parseNodePods(node(), pods(pod('web-1')))
  expect(stuckPods(found, [{ name, selector, allowed }])[0]).toContain(says)
})
