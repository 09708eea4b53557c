// Does the host reach the other hosts on the ports that matter. Nothing listens there before `init`: a refusal is an answer.
import { firewall } from '../../facts/firewall.js'
import { tcpAnswer, type TcpAnswer } from '../../facts/preflight/tcp.js'
import type { Fact, Seen } from '../../model/fact.js'
import { isReached, type HostName } from '../../model/host.js'
import type { Host } from '../../model/inventory.js'
import { all, attempt, each, map, see, type Look } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import type { Problem, Step } from '../../model/step.js'
import { apiPort, isNode } from '../../templates/hosts.js'
import { kinOf } from '../alike.js'
import { failure, preflight } from './preflight-check.js'
import type { Probes } from './probes.js'

export const reachChecks = (scope: Scope, probes: Probes): readonly Step[] => {
  const targets = targetsOf(scope, probes)
  if (targets.length === 0) return []
  return [
    preflight(kinOf(scope), {
      id: 'khactl:reach',
      title: 'Reach the other hosts',
      blind: 'not-checked',
      look: each(targets.map((target) => answerOf(scope, target))),
      problems: reachProblems,
    }),
  ]
}

export interface Target {
  readonly host: HostName
  readonly address: string
  readonly port: number
  readonly use: string
}

/** Who connects to whom (kubernetes.io/docs/reference/networking/ports-and-protocols/); pairs of standing members are proved by work. */
export const targetsOf = ({ inventory, host, observed }: Scope, probes: Probes): readonly Target[] => {
  const stands = (one: Host): boolean =>
    !isNode(one) || ['healthy', 'broken'].includes(observed.get(one.name)?.kind ?? 'fresh')
  const isAsked = (one: Host): boolean =>
    one.name !== host.name &&
    // Of a host that this command does not speak with nothing is known, and nothing is asked.
    isReached(observed, one.name) &&
    (probes === 'all' || !stands(host) || !stands(one))
  const is = (one: Host, role: Host['roles'][number]): boolean => one.roles.includes(role)
  const { port } = inventory.cluster.endpoint
  // A worker connects to the haproxy hosts alone: it need not look at all the others.
  const far = inventory.hosts.filter((one) => is(host, 'master') || is(one, 'haproxy') || is(one, 'master'))
  return far.filter(isAsked).flatMap((one): readonly Target[] => {
    const to = (number: number, use: string): Target => ({ host: one.name, address: one.nodeIP, port: number, use })
    return [
      ...(is(one, 'master') && (is(host, 'haproxy') || is(host, 'master')) ? [to(apiPort, 'kube-apiserver')] : []),
      ...(is(one, 'master') && is(host, 'master') ? [to(2379, 'etcd clients'), to(2380, 'etcd peers')] : []),
      ...(is(one, 'haproxy') && isNode(host) ? [to(port, 'the API through haproxy')] : []),
      ...(isNode(one) && is(host, 'master') ? [to(10_250, 'kubelet')] : []),
    ]
  })
}

interface Answered extends Target {
  readonly answer: TcpAnswer
  /** A firewall runs there, and `prepare` will let this through. */
  readonly opens: boolean
}

const at = <V>(host: HostName, one: Fact<V>): Fact<V> => ({ ...one, at: { host } })

const answerOf = ({ inventory }: Scope, target: Target): Look<Answered> => {
  const mode = inventory.cluster.os.firewall
  return map(
    all({
      answer: see(tcpAnswer({ address: target.address, port: target.port })),
      fire: attempt(see(at(target.host, firewall(target.address)))),
    }),
    ({ answer, fire }) => ({ ...target, answer, opens: mode !== 'leave' && runsFirewall(fire) }),
  )
}

const runsFirewall = (seen: Seen<{ readonly firewalld: unknown; readonly ufw: unknown }>): boolean =>
  seen.status === 'known' && (seen.state.firewalld !== null || seen.state.ufw !== null)

/** One finding a target host: which ports, and whether it answers at all. */
export const reachProblems = (answers: readonly Answered[]): readonly Problem[] => {
  const blocked = answers.filter(({ answer }) => answer === 'filtered' || answer === 'unreachable')
  return [...new Set(blocked.map(({ host }) => host))].flatMap((host) => {
    const there = blocked.filter((one) => one.host === host)
    const [first] = there
    if (!first) return []
    const ports = there.map(({ port, use }) => `${port} (${use})`).join(', ')
    const why = first.answer === 'filtered' ? 'no answer within 3 s' : 'refused by a firewall, or there is no route'
    const message = `${host} is not reached at ${first.address}, port ${ports}: ${why}`
    if (first.opens) return [{ level: 'not-checked', message: `${message}; its firewall is opened by prepare` }]
    return [failure(message, `Let these ports through between the hosts; the firewall of ${host} is the usual cause.`)]
  })
}
