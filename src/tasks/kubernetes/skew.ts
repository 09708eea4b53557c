// Versions that may not be mixed: `up` never upgrades a member, and never joins with another version than the cluster's (R-K7).
import { always, attempt, map, see, type Look } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import { check, type Problem, type Step } from '../../model/step.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import { packageState } from '../../facts/package.js'
import { all } from '../../model/look.js'
import { upstreamVersion } from '../../facts/package-version.js'
import { isMember } from '../member.js'

/** One check a host, for preflight and before packages; `id` sets the two apart. */
export const skewCheck = (scope: Scope, id: string): Step => {
  const { inventory, founder, host } = scope
  return check({
    id,
    title: 'Kubernetes versions go together',
    look: all({
      cluster: founder === null ? runningVersion : always(null),
      kubelet: map(see(packageState('kubelet')), ({ installed }) =>
        installed === null ? null : upstreamVersion(installed),
      ),
    }),
    problems: (have) =>
      skewProblems({
        ...have,
        wanted: inventory.cluster.version.text,
        host: host.name,
        standing: isMember(scope) ? 'member' : 'joins',
      }),
  })
}

/** Without an API server that answers there is nothing to compare with; that is another check's finding. */
const runningVersion: Look<string | null> = map(attempt(see(cluster())), (seen) =>
  seen.status === 'known' ? seen.state.version : null,
)

export const skewProblems = (of: {
  readonly wanted: string
  /** The cluster's; null: none, or not told. */
  readonly cluster: string | null
  /** The installed kubelet's; null: none. */
  readonly kubelet: string | null
  readonly host: string
  readonly standing: 'member' | 'joins'
}): readonly Problem[] => {
  const { wanted, host } = of
  if (of.cluster !== null && of.cluster !== wanted)
    return [
      {
        level: 'failure',
        message: `the cluster runs Kubernetes ${of.cluster}, the inventory wants ${wanted}`,
        hint: `khactl up never upgrades. Set cluster.version to ${of.cluster} to go on with the cluster as it is.`,
      },
    ]
  if (of.standing === 'member' && of.kubelet !== null && of.kubelet !== wanted)
    return [
      {
        level: 'failure',
        message: `${host} is a member with kubelet ${of.kubelet}, the inventory wants ${wanted}`,
        hint: 'khactl up never upgrades or downgrades a member. Set cluster.version to what the cluster runs.',
      },
    ]
  return []
}
