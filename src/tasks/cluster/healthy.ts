// cluster.healthy: what a finished cluster must show: nodes Ready, the control plane steady, the API through the endpoint.
import { check } from '../../model/step.js'
import { all, always, attempt, chain, each, map, see, type Look } from '../../model/look.js'
import type { HostName } from '../../model/host.js'
import { joinOf, joinsIn, type Join, type Move } from '../../model/membership.js'
import type { Cause, Problem, Step } from '../../model/step.js'
import type { Scope, Task } from '../../model/playbook.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import type { Cluster, Pod } from '../../facts/kubernetes/cluster-objects.js'
import { etcdMembers, type EtcdMember } from '../../facts/kubernetes/etcd-members.js'
import { kubeletTrouble } from '../../facts/kubernetes/kubelet-trouble.js'
import { knownNode } from '../../facts/kubernetes/known-node.js'
import { hostsWith, isNode } from '../../templates/hosts.js'
import { endpointUrl } from '../identity.js'

export const clusterHealthy: Task = {
  name: 'cluster.healthy',
  title: 'Verify the cluster',
  widest: 1,
  kind: 'checks',
  stoppedBy: [],
  steps: (scope) => [endpoint(scope), nodes(scope), controlPlane(scope), etcd(scope), leftovers()],
}

const endpoint = ({ inventory, host }: Scope): Step => {
  const server = endpointUrl(inventory)
  return check({
    id: 'verify:endpoint',
    title: `The API answers at ${server}`,
    look: map(
      all({ answer: see(knownNode({ node: host.name, server })), found: see(cluster()) }),
      ({ answer }) => answer,
    ),
    settle: { within: 60_000, every: 1000 },
    problems: (answer) =>
      answer === 'ok'
        ? []
        : [failure(`${server} does not answer ${host.name} as it should: ${answer ?? 'no kubelet.conf'}`)],
  })
}

const nodes = ({ inventory, moves, observed }: Scope): Step => {
  const wanted = inventory.hosts
    .filter(isNode)
    .filter(({ name }) => observed.get(name)?.kind === 'healthy' || joinOf(moves, name) !== undefined)
    .map(({ name }) => name as string)
  return check({
    id: 'verify:nodes',
    title: 'Every node is Ready',
    look: afterJoins(joinersIn(moves), { look: see(cluster()), names: (found) => found.nodes.map(({ name }) => name) }),
    settle: { within: 300_000, every: 1000 },
    why: kubeletsOfUnready(wanted),
    problems: (found) => [
      ...nodeProblems(wanted, found),
      ...strangers(
        [...inventory.hosts, ...inventory.leaving].map(({ name }) => name as string),
        found,
      ),
    ],
  })
}

/** A node that is not Ready is asked itself what its kubelet suffers from; one that cannot be asked says nothing. */
export const kubeletsOfUnready = (wanted: readonly string[]): Look<readonly Cause[]> =>
  chain(see(cluster()), ({ nodes: found }) =>
    map(
      each(
        found
          .filter(({ name, ready }) => wanted.includes(name) && ready !== 'ready')
          .map(({ name }) =>
            map(attempt(see(kubeletTrouble({ host: name as HostName }))), (seen) =>
              seen.status === 'known' ? seen.state.map((cause) => at(name, cause)) : [],
            ),
          ),
      ),
      (lists) => lists.flat(),
    ),
  )

const at = (name: string, { text, dies, log }: Cause): Cause => ({
  text: `${name}: ${text}`,
  log,
  ...(dies ? { dies: { ...dies, what: `${name} ${dies.what}` } } : {}),
})

const joinersIn = (moves: readonly Move[], kind?: Join['kind']): readonly string[] =>
  joinsIn(moves)
    .filter((move) => kind === undefined || move.kind === kind)
    .map(({ host }) => host)

/** Who is still to join is no finding: what a plan cannot see yet is unknown until then. */
const afterJoins = <S>(
  joiners: readonly string[],
  { look, names }: { readonly look: Look<S>; readonly names: (found: S) => readonly string[] },
): Look<S> =>
  chain(look, (found) => {
    const present = new Set(names(found))
    return joiners.every((name) => present.has(name))
      ? always(found)
      : { read: () => ({ status: 'unknown', until: 'kubeadm:join' }) }
  })

export const nodeProblems = (wanted: readonly string[], { nodes: found }: Cluster): readonly Problem[] =>
  wanted.flatMap((name) => {
    const node = found.find((one) => one.name === name)
    if (!node) return [failure(`${name} is no node of the cluster`)]
    if (node.ready === 'ready') return []
    const hint = `On ${name}: systemctl status kubelet; journalctl -u kubelet -n 50.`
    return [{ ...failure(`node ${name} is not Ready: ${node.why}`), hint }]
  })

/** `known`: names of the inventory, also of those that are to leave. */
export const strangers = (known: readonly string[], { nodes: found }: Cluster): readonly Problem[] =>
  found
    .filter(({ name }) => !known.includes(name))
    .map(({ name }) => ({
      level: 'warning',
      message: `node ${name} is no host of the inventory`,
      hint: `A host that was removed as dead and came back? Switch it off, then: kubectl delete node ${name}.`,
    }))

const controlPlane = (scope: Scope): Step => {
  const wanted = mastersOf(scope)
  return check({
    id: 'verify:control-plane',
    title: 'The control plane runs and does not restart',
    look: see(cluster()),
    settle: { within: 180_000, every: 1000 },
    // The pods of a node that was removed are collected some time later, and strangers are told as such.
    problems: ({ controlPlane: pods, nodes: found, now }) => [
      // A master that is no node is told as that.
      ...missingPods(
        wanted.filter((master) => found.some(({ name }) => name === master)),
        pods,
      ),
      ...pods
        .filter(({ node }) => node === null || scope.inventory.hosts.some(({ name }) => name === node))
        .flatMap((pod) => podProblems(pod, now)),
    ],
  })
}

/** Masters that are members, or are one by the end of the joins. */
const mastersOf = ({ inventory, moves, observed }: Scope): readonly HostName[] =>
  hostsWith(inventory, 'master')
    .map(({ name }) => name)
    .filter((name) => observed.get(name)?.kind === 'healthy' || joinOf(moves, name) !== undefined)

/** What kubeadm runs on every master. */
const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']

/** A kubelet that has just started a static pod tells the API of it some seconds later: until then nothing is known of it. */
export const missingPods = (masters: readonly string[], pods: readonly Pod[]): readonly Problem[] =>
  masters
    .flatMap((master) => parts.map((part) => ({ master, pod: `${part}-${master}` })))
    .filter(({ pod }) => !pods.some(({ name }) => name === pod))
    .map(({ master, pod }) => ({
      ...failure(`the kubelet of ${master} has told the API of no ${pod}`),
      hint: `On ${master}: ls /etc/kubernetes/manifests; journalctl -u kubelet -n 50.`,
    }))

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

const etcd = (scope: Scope): Step => {
  const { moves } = scope
  const wanted = mastersOf(scope)
  // Who is still to leave is told by the steps that do it.
  const leaving = new Set(
    moves.flatMap((move) => (move.kind === 'leave' || move.kind === 'forget' ? [move.member?.id] : [])),
  )
  return check({
    id: 'verify:etcd',
    title: 'Every master has its vote in etcd',
    look: afterJoins(joinersIn(moves, 'join-master'), {
      look: see(etcdMembers()),
      names: (members) => members.map(({ name }) => name),
    }),
    settle: { within: 60_000, every: 1000 },
    problems: (members) =>
      memberProblems(
        wanted,
        members.filter(({ id }) => !leaving.has(id)),
      ),
  })
}

export const memberProblems = (wanted: readonly string[], members: readonly EtcdMember[]): readonly Problem[] => [
  ...wanted
    .filter((name) => !members.some((member) => member.name === name && member.part === 'voter'))
    .map((name) => failure(`${name} is no voting member of etcd`)),
  ...members
    .filter(({ name }) => !wanted.includes(name))
    .map(({ id, name, peerUrls }): Problem => ({
      level: 'warning',
      message: `etcd counts a member that the inventory does not have: ${name === '' ? peerUrls.join(', ') : name} (${id})`,
      hint: 'It weighs in every vote; remove it if the host is gone for good.',
    })),
]

const leftovers = (): Step =>
  check({
    id: 'verify:tokens',
    title: 'No join token is left',
    look: see(cluster()),
    problems: ({ minted }) =>
      minted.map((name): Problem => ({ level: 'warning', message: `secret ${name} is still there` })),
  })

const failure = (message: string): Problem => ({ level: 'failure', message })
