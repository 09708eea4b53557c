// CoreDNS starts while there is one node only; once there are more, its pods are told to move apart, a single time.
import { map, see } from '../../model/look.js'
import { step, type Change, type Step } from '../../model/step.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import type { Cluster } from '../../facts/kubernetes/cluster-objects.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { join, raw } from '../../text/sh.js'

export const spreadDnsStep = (): Step =>
  step({
    id: 'coredns:spread',
    title: 'Spread CoreDNS over the nodes',
    look: map(see(cluster()), crowdedNode),
    diff: (node): readonly Change[] =>
      node === null ? [] : [{ path: 'coredns pods', from: `all on ${node}`, to: 'over several nodes', impact: 'none' }],
    writes: ['leader'],
    settle: { within: 120_000, every: 2000 },
    apply: async (at) => {
      const leader = await at.at('leader')
      await leader.run(join([leaderTools, raw('kube -n kube-system rollout restart deployment coredns')], ''))
    },
  })

/**
 * The node that all of CoreDNS runs on although others are ready; null: fine as it is. Pods that were restarted by hand
 * are left where the scheduler put them: it may have had its reasons, and a second time would be no different.
 */
export const crowdedNode = ({ dns, nodes }: Cluster): string | null => {
  const [first] = dns
  const free = nodes.filter(({ ready, schedulable }) => ready === 'ready' && schedulable === 'yes')
  if (first === undefined || first.node === null || dns.length < 2 || free.length < 2) return null
  const isCrowded = dns.every(({ node, restarted }) => node === first.node && restarted === 'never')
  return isCrowded ? first.node : null
}
