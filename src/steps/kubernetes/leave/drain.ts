// A leaving node is cordoned and its pods are evicted, as their budgets allow; what would be lost is said before.
import { KhactlError } from '../../../model/error.js'
import { map, see } from '../../../model/look.js'
import type { Change, Problem, Step, Writer } from '../../../model/step.js'
import { apiPort } from '../../../facts/kubernetes/api.js'
import { leaderTools } from '../../../facts/kubernetes/leader-tools.js'
import { podsOnNode, type NodePods } from '../../../facts/kubernetes/pods-on-node.js'
import { join, raw, sh } from '../../../text/sh.js'
import { transient } from '../../transient.js'
import { parseBudgets, stuckPods } from './budgets.js'
import type { Leaver } from './leaver.js'

export interface Drain {
  readonly leaver: Leaver
  /** `despite losses`: pods that no controller makes again go, too. */
  readonly losses: 'careful' | 'despite losses'
  /** That every pod is given to end; absent: its own. */
  readonly graceSeconds?: number
  /** For all pods together; default ten minutes. */
  readonly timeoutSeconds?: number
}

/** Who cordoned a node; `khactl status` tells it. */
export const cordonedBy = 'khactl.io/cordoned-by'
const us = 'khactl remove'
const usAfterOthers = 'khactl remove (it was cordoned before)'

/** Id `node:drain`. Of a host that is reached: a dead one's pods go with its Node. */
export const drainStep = (wanted: Drain): Step => {
  const { name } = wanted.leaver
  return {
    id: 'node:drain',
    title: `Drain node ${name}`,
    after: [],
    writes: ['leader'],
    settle: { within: 60_000, every: 2000 },
    look: map(see(podsOnNode(name)), (have) => ({
      changes: drainChanges(name, have),
      problems: drainProblems(wanted, have),
      apply: async (at) => drain(await at.at('leader'), { wanted, have }),
    })),
  }
}

export const drainChanges = (name: string, { node, pods }: NodePods): readonly Change[] => {
  if (node === null) return []
  const annotation: readonly Change[] =
    cordonedBy in node.annotations
      ? []
      : [{ path: `node ${name} annotation ${cordonedBy}`, from: null, to: annotationFor(node), impact: 'none' }]
  const cordon: readonly Change[] =
    node.schedulable === 'cordoned'
      ? []
      : [{ path: `node ${name}`, from: 'schedulable', to: 'cordoned', impact: 'none' }]
  const evicted: readonly Change[] =
    pods.length === 0
      ? []
      : [
          {
            path: `pods on ${name}`,
            from: `${pods.length}: ${pods.map((pod) => pod.name).join(', ')}`,
            to: 'evicted',
            volatile: true,
            impact: 'none',
          },
        ]
  return [...annotation, ...cordon, ...evicted]
}

const annotationFor = ({ schedulable }: NonNullable<NodePods['node']>): string =>
  schedulable === 'cordoned' ? usAfterOthers : us

export const drainProblems = ({ leaver, losses }: Drain, { node, pods }: NodePods): readonly Problem[] => {
  if (node === null) return []
  const bare = pods.filter(({ restoredBy }) => restoredBy === 'nobody').map(({ name }) => name)
  const data = pods.filter(({ emptyDirs }) => emptyDirs.length > 0)
  const lost: readonly Problem[] =
    data.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `the emptyDir data of pods on ${leaver.name} is lost: ${data.map(({ name, emptyDirs }) => `${name} (${emptyDirs.join(', ')})`).join(', ')}`,
          },
        ]
  if (bare.length === 0) return lost
  const words = `pods on ${leaver.name} without a controller`
  return losses === 'careful'
    ? [
        ...lost,
        {
          level: 'failure',
          message: `${words} would be gone for good: ${bare.join(', ')}`,
          hint: 'Move them or delete them yourself, or say --force: then they are deleted.',
        },
      ]
    : [...lost, { level: 'warning', message: `${words} are gone for good: ${bare.join(', ')}` }]
}

const drain = async (
  leader: Writer,
  { wanted, have }: { readonly wanted: Drain; readonly have: NodePods },
): Promise<void> => {
  const { leaver, losses, graceSeconds = -1, timeoutSeconds = 600 } = wanted
  if (have.node !== null && !(cordonedBy in have.node.annotations))
    await leader.run(
      join([leaderTools, sh`kube annotate node ${leaver.name} ${`${cordonedBy}=${annotationFor(have.node)}`}`], ''),
    )
  const force = losses === 'careful' ? [] : ['--force']
  // Whose kubelet is silent: its pods are told to go, and nobody waits for what nobody will say.
  const patience = have.node?.kubelet === 'silent' ? ['--skip-wait-for-delete-timeout=1'] : []
  try {
    await transient(leader, {
      name: `drain-${leaver.name}`,
      summary: `kubectl drain ${leaver.name}`,
      command: join(
        [
          leaderTools,
          // Up to 1.19 the option had another name. `kube` ends after a minute, a drain does not.
          raw(`o=--delete-emptydir-data; kubectl drain --help 2>&1 | grep -q -e "$o" || o=--delete-local-data\n`),
          sh`kube cordon ${leaver.name} && kubectl --kubeconfig /etc/kubernetes/admin.conf --cache-dir /dev/null/none \
  --server https://127.0.0.1:${apiPort} --tls-server-name kubernetes drain ${leaver.name} \
  --ignore-daemonsets "$o" ${force} ${patience} --grace-period=${graceSeconds} --timeout=${timeoutSeconds}s`,
        ],
        '',
      ),
      within: timeoutSeconds * 1000 + 120_000,
    })
  } catch (error) {
    if (error instanceof KhactlError && error.code === 'job.failed') throw await stuck(leader, { wanted, error })
    throw error
  }
}

/** What is left on the node, and why; what kubectl said itself where that cannot be told. */
const stuck = async (
  leader: Writer,
  { wanted, error }: { readonly wanted: Drain; readonly error: KhactlError },
): Promise<KhactlError> => {
  const { name } = wanted.leaver
  const fact = podsOnNode(name)
  try {
    const left = await leader.run(fact.kind.ask([name as never]), { within: 60_000, output: 'secret' })
    const [seen] = fact.kind.tell(left, [name as never])
    const budgets = await leader.run(join([leaderTools, raw('kube get poddisruptionbudgets -A -o json')], ''), {
      output: 'secret',
    })
    if (seen?.status !== 'known' || seen.state.pods.length === 0) return error
    const pods = stuckPods(seen.state.pods, parseBudgets(budgets.stdout.toString('utf8')))
    return new KhactlError('node.drain', {
      ...error.details,
      message: `${name} could not be drained; still there: ${pods.join(', ')}`,
      hint: `It stays cordoned. Give the budget room (more replicas), or kubectl uncordon ${name}; then run the same command again.`,
    })
  } catch {
    return error
  }
}
