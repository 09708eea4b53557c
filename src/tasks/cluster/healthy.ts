// cluster.healthy: what a finished cluster must show: nodes Ready, the control plane steady, the API through the endpoint.
import { check } from '../../model/step.js'
import { all, always, attempt, chain, each, map, see, type Look } from '../../model/look.js'
import type { HostName } from '../../model/host.js'
import { joinOf, joinsIn, owns, type Join, type Move } from '../../model/membership.js'
import type { Cause, Problem, Step } from '../../model/step.js'
import type { Scope, Task } from '../../model/playbook.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import type { Cluster } from '../../facts/kubernetes/cluster-objects.js'
import { etcdMembers, type EtcdMember } from '../../facts/kubernetes/etcd-members.js'
import { kubeletTrouble } from '../../facts/kubernetes/kubelet-trouble.js'
import { knownNode } from '../../facts/kubernetes/known-node.js'
import { isNode } from '../../templates/hosts.js'
import { endpointUrl } from '../identity.js'
import { controlPlane, mastersOf } from './control-plane.js'

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

const etcd = (scope: Scope): Step => {
  const { inventory, moves, observed } = scope
  const wanted = mastersOf(scope)
  // One that is broken or cannot be reached is told as that; one that was made anew is not what its old member was.
  const ours = [...inventory.hosts, ...inventory.leaving]
    .filter(
      ({ roles, name }) => roles.includes('master') && (wanted.includes(name) || observed.get(name)?.kind !== 'fresh'),
    )
    .map(({ name: host, nodeIP }) => ({ host, nodeIP }))
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
        { wanted, ours },
        members.filter(({ id }) => !leaving.has(id)),
      ),
  })
}

/** `wanted`: masters that take part. `ours`: whose members are no strangers. */
export const memberProblems = (
  { wanted, ours }: { readonly wanted: readonly string[]; readonly ours: readonly Parameters<typeof owns>[0][] },
  members: readonly EtcdMember[],
): readonly Problem[] => [
  ...wanted
    .filter((name) => !members.some((member) => member.name === name && member.part === 'voter'))
    .map((name) => failure(`${name} is no voting member of etcd`)),
  ...members
    .filter((member) => !ours.some((master) => owns(master, member)))
    .map(({ id, name, peerUrls }): Problem => ({
      level: 'warning',
      message: `etcd counts a member that belongs to no master: ${name === '' ? peerUrls.join(', ') : name} (${id})`,
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
