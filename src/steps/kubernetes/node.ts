// Labels and taints of one node, as the inventory has them; other people's are left alone.
import { all, map, see } from '../../model/look.js'
import { step, type Change, type Step } from '../../model/step.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import type { ClusterNode } from '../../facts/kubernetes/cluster-objects.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { remains } from '../../facts/kubernetes/remains.js'
import { join, sh } from '../../text/sh.js'
import { onFresh } from './on-fresh.js'

export interface NodeWanted {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly NodeTaint[]
  /** What kubeadm will register it with; the step is then in the lane of the node itself. null: it is no longer to join. */
  readonly joinsWith: NodeHave
}

export interface NodeTaint {
  readonly key: string
  readonly value: string
  readonly effect: string
}

export type NodeHave = Pick<ClusterNode, 'labels' | 'taints'> | null

export const nodeStep = (wanted: NodeWanted, founding: 'fresh' | 'there'): Step =>
  step<NodeHave>({
    id: `node:${wanted.name}`,
    title: `Label and taint node ${wanted.name}`,
    look: onFresh(
      wanted.joinsWith === null
        ? map(see(cluster()), ({ nodes }) => nodeNamed(nodes, wanted.name))
        : map(all({ found: see(cluster()), here: see(remains()) }), ({ found, here }) =>
            // A Node of that name from before the host was made anew goes before the join.
            here.files.has('kubelet.conf') ? withJoin(nodeNamed(found.nodes, wanted.name), wanted) : null,
          ),
      founding === 'fresh' ? wanted.joinsWith : null,
    ),
    diff: (have) => nodeChanges(wanted, have),
    writes: ['leader'],
    apply: async (at, have) => {
      const leader = await at.at('leader')
      const now = have ?? none
      const labels = missingLabels(wanted, now).map(([key, value]) => `${key}=${value}`)
      const taints = missingTaints(wanted, now).map(taintText)
      const commands = [
        ...(labels.length > 0 ? [sh`kube label --overwrite node ${wanted.name} ${labels}`] : []),
        ...(taints.length > 0 ? [sh`kube taint --overwrite node ${wanted.name} ${taints}`] : []),
      ]
      await leader.run(join([leaderTools, join(commands, ' && ')], ''))
    },
  })

const nodeNamed = (nodes: readonly ClusterNode[], wanted: string): ClusterNode | null =>
  nodes.find(({ name }) => name === wanted) ?? null

/** A join that died half-way leaves a bare Node object; the join that is to come completes it. */
const withJoin = (have: NodeHave, { joinsWith }: NodeWanted): NodeHave => {
  if (have === null || joinsWith === null) return have
  const labels = { ...joinsWith.labels, ...have.labels }
  const missing = joinsWith.taints.filter((taint) => !have.taints.some((one) => sameTaint(one, taint)))
  return { labels, taints: [...have.taints, ...missing] }
}

/** A node that is neither there nor to come (broken, taken out by hand) is somebody else's concern. */
export const nodeChanges = (wanted: NodeWanted, have: NodeHave): readonly Change[] => {
  const now = have ?? wanted.joinsWith
  if (now === null) return []
  const node = `node ${wanted.name}`
  return [
    ...missingLabels(wanted, now).map(([key, to]): Change => ({
      path: `${node} label ${key}`,
      from: shown(now.labels[key]),
      to: shown(to),
      impact: 'none',
    })),
    ...missingTaints(wanted, now).map((taint): Change => ({
      path: `${node} taint ${taint.key}:${taint.effect}`,
      from: shown(now.taints.find((one) => sameTaint(one, taint))?.value),
      to: shown(taint.value),
      impact: 'none',
    })),
  ]
}

type Now = Exclude<NodeHave, null>

const none: Now = { labels: {}, taints: [] }

const shown = (value: string | undefined): string | null => (value === '' ? '""' : (value ?? null))

const missingLabels = ({ labels }: NodeWanted, now: Now): readonly (readonly [string, string])[] =>
  Object.entries(labels).filter(([key, value]) => now.labels[key] !== value)

const missingTaints = ({ taints }: NodeWanted, now: Now): readonly NodeTaint[] =>
  taints.filter((taint) => !now.taints.some((one) => sameTaint(one, taint) && one.value === taint.value))

const sameTaint = (left: NodeTaint, right: NodeTaint): boolean => left.key === right.key && left.effect === right.effect

const taintText = ({ key, value, effect }: NodeTaint): string =>
  value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`
