// Are the ports free that the host's roles need, or taken by the very daemons they are for.
import { listeners, type Listener } from '../../facts/preflight/listeners.js'
import { see } from '../../model/look.js'
import type { Problem, Step } from '../../model/step.js'
import { portUses, type PortUse } from '../../templates/firewall.js'
import { alike } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'

export const portChecks = alike((scope): readonly Step[] => [
  preflight(scope, {
    id: 'khactl:ports',
    title: 'Have the ports free that it needs',
    look: see(listeners()),
    problems: (found) => portProblems(found, { uses: portUses(scope.inventory, scope.host), member: scope.member }),
  }),
])

/** The kernel gives names of 15 characters. The endpoint's ports are the inventory's, so haproxy goes by their use. */
const ours: readonly { readonly process: string; readonly ports: readonly number[] }[] = [
  { process: 'kube-apiserver', ports: [6443] },
  { process: 'etcd', ports: [2379, 2380, 2381] },
  { process: 'kube-controller', ports: [10_257] },
  { process: 'kube-scheduler', ports: [10_259] },
  { process: 'kubelet', ports: [10_248, 10_250] },
  { process: 'kube-proxy', ports: [10_249, 10_256] },
  { process: 'bird', ports: [179] },
  { process: 'calico-typha', ports: [5473] },
]

const isOurs = ({ port, process }: Listener, use: PortUse): boolean => {
  if (/haproxy/.test(use.use)) return process === 'haproxy'
  if (isNodePort(use)) return process === 'kube-proxy'
  return ours.some((one) => one.process === process && one.ports.includes(port))
}

const isNodePort = ({ use }: PortUse): boolean => use.startsWith('NodePort')

/** Networks of pods differ, and their ports are taken by the kernel; a Service moves to another NodePort. */
const isMild = (use: PortUse): boolean => isNodePort(use) || use.protocol === 'udp' || /Calico/.test(use.use)

export const portProblems = (
  found: readonly Listener[],
  { uses, member }: { readonly uses: readonly PortUse[]; readonly member: boolean },
): readonly Problem[] =>
  uses.flatMap((use) =>
    found
      .filter((one) => one.protocol === use.protocol && within(one.port, use) && !isOurs(one, use))
      // The kernel's own sockets (VXLAN), and on a member what could not be told.
      .filter(({ process }) => process !== null || (use.protocol === 'tcp' && !member))
      .map((one) => {
        const by = one.process === null ? 'a process that could not be told' : `${one.process} (pid ${one.pid})`
        const message = `port ${one.port}/${one.protocol} (${use.use}) is taken by ${by}`
        const hint =
          one.pid === null
            ? `Find it (ss -lntp) and stop it, or give it another port.`
            : `Stop it or give it another port: systemctl status ${one.pid} names its service.`
        return isMild(use) ? warning(message, hint) : failure(message, hint)
      }),
  )

const within = (port: number, { ports }: PortUse): boolean =>
  ports !== null && ports.first <= port && port <= ports.last
