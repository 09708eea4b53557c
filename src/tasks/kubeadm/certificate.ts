// kubeadm.certificate: every API server proves each name it is called by; certificates are issued again one master at a time.
import { aroundRestart } from '../../endpoint/rotation.js'
import type { Host } from '../../model/inventory.js'
import { each, map, see } from '../../model/look.js'
import type { Scope, Task } from '../../model/playbook.js'
import { check, type Problem, type Step } from '../../model/step.js'
import { provenName } from '../../facts/kubernetes/handshake.js'
import { servingCertificateStep } from '../../steps/kubernetes/serving-certificate.js'
import { newFolder } from '../../steps/kubernetes/serving-commands.js'
import { hostsWith } from '../../templates/hosts.js'
import { kubeadmCertificateConfig } from '../../templates/kubeadm-certificate.js'
import { servingNames, sharedNames } from '../../templates/kubeadm.js'

/** A master that is still to join gets its names from kubeadm; one that is broken may be so for want of a certificate. */
export const kubeadmCertificate: Task = {
  name: 'kubeadm.certificate',
  title: "The API servers' certificates",
  widest: 1,
  kind: 'changes',
  stoppedBy: ['haproxy'],
  steps: (scope) => {
    const { inventory, host } = scope
    if (!isMaster(scope, host)) return []
    const step = servingCertificateStep({
      names: servingNames(inventory, host),
      config: kubeadmCertificateConfig(inventory, { host, folder: newFolder }),
      around: aroundRestart(scope, host),
    })
    const last = hostsWith(inventory, 'master').findLast((master) => isMaster(scope, master))
    return last?.name === host.name ? [step, throughTheEndpoint(scope, step)] : [step]
  },
}

const isMaster = ({ observed }: Scope, { name }: Host): boolean =>
  ['healthy', 'broken'].includes(observed.get(name)?.kind ?? '')

/** Asked by the last master, when every server that the endpoint may choose has its certificate. */
const throughTheEndpoint = ({ inventory }: Scope, { id }: Step): Step => {
  const { vip, port } = inventory.cluster.endpoint
  const names = sharedNames(inventory)
  return check({
    id: 'kubeadm:certificate-names',
    title: 'The API server proves every name through the endpoint',
    after: [id],
    look: each(
      names.map((name) => map(see(provenName({ address: `${vip}:${port}`, name })), (answer) => ({ name, answer }))),
    ),
    settle: { within: 60_000, every: 2000 },
    problems: (answers) =>
      answers.flatMap(({ name, answer }): readonly Problem[] =>
        answer === 'ok'
          ? []
          : [{ level: 'failure', message: `${vip}:${port} does not prove to be ${name}: ${answer.why}` }],
      ),
  })
}
