// The static pods of every master: all there, running, and not going in circles (R-O2).
import { cluster } from '../../facts/kubernetes/cluster.js'
import type { Cluster, Pod } from '../../facts/kubernetes/cluster-objects.js'
import { runningPods } from '../../facts/kubernetes/running-pods.js'
import type { HostName } from '../../model/host.js'
import { attempt, chain, each, map, see, type Look } from '../../model/look.js'
import { joinOf } from '../../model/membership.js'
import type { Scope } from '../../model/playbook.js'
import { check, type Problem, type Step } from '../../model/step.js'
import { containerdSocket } from '../../templates/containerd.js'
import { hostsWith } from '../../templates/hosts.js'

export const controlPlane = (scope: Scope): Step => {
  const wanted = mastersOf(scope)
  return check({
    id: 'verify:control-plane',
    title: 'The control plane runs and does not restart',
    look: withRunning(wanted),
    settle: { within: 180_000, every: 1000 },
    // The pods of a node that was removed are collected some time later, and strangers are told as such.
    problems: ({ controlPlane: pods, nodes: found, now, blind }) => [
      ...missingPods(nodesAmong(wanted, found), { pods, blind }),
      ...pods
        .filter(({ node }) => node === null || scope.inventory.hosts.some(({ name }) => name === node))
        .flatMap((pod) => podProblems(pod, now)),
    ],
  })
}

/** A master that is no node is told as that. */
const nodesAmong = (masters: readonly HostName[], nodes: Cluster['nodes']): readonly HostName[] =>
  masters.filter((master) => nodes.some(({ name }) => name === master))

interface Found extends Cluster {
  /** Masters whose runtime could not be asked, and why. */
  readonly blind: ReadonlyMap<string, string>
}

/** A kubelet whose first word to the API was lost tells it of a static pod a minute later: meanwhile its host knows what runs. */
const withRunning = (wanted: readonly HostName[]): Look<Found> =>
  chain(see(cluster()), (found) => {
    const silent = nodesAmong(wanted, found.nodes).filter((host) => untold(host, found.controlPlane).length > 0)
    const looks = silent.map((host) =>
      map(attempt(see(runningPods(containerdSocket, { host }))), (seen) =>
        seen.status === 'known'
          ? { running: seen.state.filter(({ name }) => partsOf(host).includes(name)), blind: [] }
          : { running: [], blind: [[host, seen.status === 'unreadable' ? seen.why : `unknown until ${seen.until}`]] },
      ),
    )
    return map(each(looks), (answers) => ({
      ...found,
      controlPlane: completed(
        found.controlPlane,
        answers.flatMap(({ running }) => running),
      ),
      blind: new Map(answers.flatMap(({ blind }) => blind as [string, string][])),
    }))
  })

/** What the API has, with what only the hosts know to run. */
export const completed = (told: readonly Pod[], running: readonly Pod[]): readonly Pod[] => {
  const known = new Set(told.filter(isTold).map(({ name }) => name))
  const more = running.filter(({ name }) => !known.has(name))
  return [...told.filter(({ name }) => !more.some((one) => one.name === name)), ...more]
}

const isTold = ({ runningSince }: Pod): boolean => runningSince !== null

/** Masters that are members, or are one by the end of the joins. */
export const mastersOf = ({ inventory, moves, observed }: Scope): readonly HostName[] =>
  hostsWith(inventory, 'master')
    .map(({ name }) => name)
    .filter((name) => observed.get(name)?.kind === 'healthy' || joinOf(moves, name) !== undefined)

/** What kubeadm runs on every master. */
const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']

const partsOf = (master: string): readonly string[] => parts.map((part) => `${part}-${master}`)

const untold = (master: string, pods: readonly Pod[]): readonly string[] =>
  partsOf(master).filter((part) => !pods.some((pod) => pod.name === part && isTold(pod)))

export const missingPods = (
  masters: readonly string[],
  { pods, blind }: { readonly pods: readonly Pod[]; readonly blind: ReadonlyMap<string, string> },
): readonly Problem[] =>
  masters.flatMap((master) =>
    partsOf(master)
      .filter((part) => !pods.some(({ name }) => name === part))
      .map((pod) => {
        const why = blind.get(master)
        const itself =
          why === undefined ? `it does not run on ${master}` : `${master} itself could not be asked (${why})`
        return {
          ...failure(`the kubelet of ${master} has told the API of no ${pod}, and ${itself}`),
          hint: `On ${master}: ls /etc/kubernetes/manifests; journalctl -u kubelet -n 50.`,
        }
      }),
  )

/** A container that came back less than a minute ago may be going in circles (R-O2). */
const steadySeconds = 60
/** The kubelet of 1.20 calls a static pod Ready up to a minute and a half after its containers are. */
const readySeconds = 120

export const podProblems = (pod: Pod, now: number): readonly Problem[] => {
  const { name, restarts, runningSince } = pod
  const hint = `kubectl -n kube-system logs --previous ${name}`
  const found = (what: string): readonly Problem[] => [{ ...failure(`${name} ${what} (${restarts} restarts)`), hint }]
  if (runningSince === null) return found('does not run')
  const age = now - runningSince
  if (restarts > 0 && age < steadySeconds) return found(`was restarted ${age} s ago`)
  return pod.ready === 'not ready' && age >= readySeconds ? found('runs but is not ready') : []
}

const failure = (message: string): Problem => ({ level: 'failure', message })
