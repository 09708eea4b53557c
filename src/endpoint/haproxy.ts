// The endpoint as haproxy and keepalived, systemd services of the haproxy hosts.
import { isReached } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { Scope } from '../model/playbook.js'
import type { Step } from '../model/step.js'
import { directory } from '../steps/directory.js'
import { keepalivedConfig as keepalivedStep } from '../steps/endpoint/keepalived-config.js'
import { peersFirst } from '../steps/endpoint/peers-first.js'
import { selinuxBoolean } from '../steps/endpoint/selinux-boolean.js'
import { file } from '../steps/file.js'
import { packages } from '../steps/packages.js'
import { hostsWith } from '../templates/hosts.js'
import { endpointPackages } from '../templates/keepalived.js'
import {
  checkApiFile,
  checkApiScript,
  checkHaproxyFile,
  checkHaproxyScript,
  trackScriptFolder,
} from '../templates/track-scripts.js'
import { configAfter, configBefore, exactBackends, putBackSteps } from './haproxy-backends.js'
import { departed, leaveSteps } from './haproxy-leave.js'
import { allBackendsUp, oneHolder, oneHolderAtLast } from './haproxy-verify.js'
import { keepalivedPath, keepalivedText } from './keepalived-text.js'
import type { EndpointKind } from './kind.js'

const carriers = (inventory: Inventory): readonly Host[] => hostsWith(inventory, 'haproxy')

export const haproxy: EndpointKind = {
  name: 'haproxy',
  carriers,
  prepare: (scope) => [
    ...software(scope),
    configBefore(scope),
    ...departed(scope),
    ...peers(scope),
    keepalivedOn(scope.inventory, scope.host),
    oneHolder(scope),
  ],
  members: (scope) => [
    ...configAfter(scope),
    ...putBackSteps(scope),
    exactBackends(scope),
    allBackendsUp(scope, scope.host),
  ],
  leave: leaveSteps,
  healthy: (scope) => [oneHolderAtLast(scope)],
}

/**
 * Not held: a security update of the distribution matters more for a service that faces the network than the second in
 * which the VIP moves away from the host that restarts it. Nothing here depends on an exact version.
 */
const software = ({ inventory }: Scope): readonly Step[] => [
  packages({
    id: 'packages:endpoint',
    title: `Install ${endpointPackages.join(' and ')}`,
    want: endpointPackages.map((name) => ({ name, version: null })),
    hold: 'free',
    source: inventory.cluster.packages,
  }),
  directory({ path: '/usr/libexec', mode: 0o755 }),
  directory(trackScriptFolder),
  file({ ...checkHaproxyFile, content: checkHaproxyScript(inventory) }),
  file({ ...checkApiFile, content: checkApiScript(inventory) }),
  // The API port and the masters' are none that SELinux knows for haproxy.
  selinuxBoolean({ name: 'haproxy_connect_any' }),
]

const keepalivedOn = (inventory: Inventory, host: Host): Step =>
  keepalivedStep({ path: keepalivedPath, wanted: keepalivedText(inventory, host) })

const peers = ({ inventory, host, observed }: Scope): readonly Step[] => {
  const others = carriers(inventory).filter(({ name }) => name !== host.name && isReached(observed, name))
  if (others.length === 0) return []
  return [peersFirst({ peers: others.map((other) => ({ host: other.name, step: keepalivedOn(inventory, other) })) })]
}
