// The names in ConfigMap kubeadm-config, from which kubeadm makes the certificates of later masters, renewals and upgrades.
import { map, see } from '../../model/look.js'
import { step, type Change, type Step } from '../../model/step.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { missingNames } from '../../facts/kubernetes/serving-names.js'
import { join, sh } from '../../text/sh.js'
import { certificateNamesIn, withCertificateNames } from './certificate-names-text.js'

/** Id `kubeadm:config-map`. The same names in another order are the same; a cluster without the ConfigMap is left alone. */
export const kubeadmConfigMapStep = (names: readonly string[]): Step =>
  step({
    id: 'kubeadm:config-map',
    title: 'Tell kubeadm the names of the API server',
    look: map(see(cluster()), ({ configuration }) => configuration),
    diff: (text) => (text === null ? [] : nameChanges(names, certificateNamesIn(text))),
    writes: ['leader'],
    apply: async (at, text) => {
      if (text === null) return
      const leader = await at.at('leader')
      const to = withCertificateNames(text, inOrder(names, certificateNamesIn(text)))
      await leader.run(patch(text, to), { within: 90_000 })
    },
  })

const nameChanges = (wanted: readonly string[], have: readonly string[]): readonly Change[] => {
  const path = (name: string): string => `ConfigMap kubeadm-config name ${name}`
  return [
    ...missingNames(wanted, have).map((name): Change => ({ path: path(name), from: null, to: name, impact: 'none' })),
    ...missingNames(have, wanted).map((name): Change => ({ path: path(name), from: name, to: null, impact: 'none' })),
  ]
}

/** Those that are there keep their places. */
const inOrder = (wanted: readonly string[], have: readonly string[]): readonly string[] => {
  const stale = new Set(missingNames(have, wanted))
  return [...have.filter((name) => !stale.has(name)), ...missingNames(wanted, have)]
}

/** `test` refuses when somebody changed the text since it was read: theirs is not overwritten. */
const patch = (from: string, to: string) => {
  const path = '/data/ClusterConfiguration'
  const operations = [
    { op: 'test', path, value: from },
    { op: 'replace', path, value: to },
  ]
  return join(
    [leaderTools, sh`kube -n kube-system patch configmap kubeadm-config --type json -p ${JSON.stringify(operations)}`],
    '',
  )
}
