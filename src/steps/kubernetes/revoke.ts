// No token or certificate of khactl's outlives its join: what a run that died left behind is revoked by the next (R-K4).
import { map, see } from '../../model/look.js'
import { step, type Step } from '../../model/step.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { certificatesSecret, mintedLabel } from '../../facts/kubernetes/minted.js'
import { revokeUnused } from './mint.js'
import { join, sh } from '../../text/sh.js'

export const revokeStep = (): Step =>
  step({
    id: 'kubeadm:revoke',
    title: 'Revoke join tokens and certificates left by an earlier run',
    look: map(see(cluster()), ({ minted }) => minted),
    diff: (minted) => minted.map((name) => ({ path: `secret ${name}`, from: 'left behind', to: null, impact: 'none' })),
    writes: ['leader'],
    apply: async (at) => {
      const leader = await at.at('leader')
      return leader.run(
        join(
          [
            leaderTools,
            sh`kube -n kube-system delete secret -l ${mintedLabel} >/dev/null && kube -n kube-system delete secret ${certificatesSecret} --ignore-not-found >/dev/null || exit
`,
            revokeUnused,
          ],
          '',
        ),
      )
    },
  })
