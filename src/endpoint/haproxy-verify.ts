// The endpoint proved by its behaviour: one holder of the VIP, and every ready master up behind every haproxy.
import { haproxyServers, isUp, type Server } from '../facts/endpoint/stats-socket.js'
import { holdsAddress } from '../facts/endpoint/vip-holder.js'
import { remains, type Remains } from '../facts/kubernetes/remains.js'
import { unitState } from '../facts/unit.js'
import type { Fact, Seen, StepId } from '../model/fact.js'
import { isReached, type HostName } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import { all, attempt, each, map, see, type Look } from '../model/look.js'
import type { Scope } from '../model/playbook.js'
import { check, type Problem, type Step } from '../model/step.js'
import { apiBackend, haproxySocket } from '../templates/haproxy.js'
import { hostsWith } from '../templates/hosts.js'

/** keepalived needs three adverts to take over and a script two failures to fall; backends three checks of 2 s. */
const settle = { within: 30_000, every: 1000 }

const at = <V>(host: HostName, one: Fact<V>): Fact<V> => ({ ...one, at: { host } })

/** Of a host that cannot be asked nothing is said: what it is, is told elsewhere. */
const askAll = <V>(
  { observed }: Scope,
  { hosts, of }: { readonly hosts: readonly Host[]; readonly of: Fact<V> },
): Look<readonly { readonly host: HostName; readonly seen: Seen<V> }[]> =>
  each(
    hosts
      .filter(({ name }) => isReached(observed, name))
      .map(({ name }) => map(attempt(see(at(name, of))), (seen) => ({ host: name, seen }))),
  )

/**
 * On a carrier, behind its own steps: of the hosts whose keepalived runs. One that was killed leaves the address behind, and
 * may come later in the same stage.
 */
export const oneHolder = (scope: Scope): Step =>
  holderCheck(scope, { id: 'vip-holder', after: ['config:haproxy', 'config:keepalived'], of: runningHolders(scope) })

/** On any other host, at the end: of all. */
export const oneHolderAtLast = (scope: Scope): Step =>
  holderCheck(scope, { id: 'endpoint-vip', after: [], of: holders(scope) })

const holderCheck = (
  { inventory }: Scope,
  { id, after, of }: { readonly id: StepId; readonly after: readonly StepId[]; readonly of: Look<Holders> },
): Step => {
  const { vip } = inventory.cluster.endpoint
  return check({
    id,
    title: `Have ${vip} on exactly one host`,
    after,
    settle,
    look: of,
    problems: (found) => holderProblems(vip, found),
  })
}

type Holders = readonly { readonly host: HostName; readonly seen: Seen<boolean> }[]

const holders = (scope: Scope): Look<Holders> => {
  const { inventory } = scope
  return askAll(scope, { hosts: hostsWith(inventory, 'haproxy'), of: holdsAddress(inventory.cluster.endpoint.vip) })
}

const runningHolders = (scope: Scope): Look<Holders> =>
  map(
    all({
      found: holders(scope),
      units: askAll(scope, { hosts: hostsWith(scope.inventory, 'haproxy'), of: unitState('keepalived') }),
    }),
    ({ found, units }) => {
      const stopped = units.flatMap(({ host, seen }) =>
        seen.status === 'known' && seen.state.active !== 'active' ? [host] : [],
      )
      return found.filter(({ host }) => !stopped.includes(host))
    },
  )

export const holderProblems = (vip: string, found: Holders): readonly Problem[] => {
  const holders = found.filter(({ seen }) => seen.status === 'known' && seen.state).map(({ host }) => host)
  const blind = found.flatMap(({ host, seen }) => (seen.status === 'unreadable' ? [`${host}: ${seen.why}`] : []))
  if (blind.length > 0)
    return [{ level: 'failure', message: `who holds the virtual IP ${vip} could not be told: ${blind.join('; ')}` }]
  if (holders.length === 1) return []
  if (holders.length === 0)
    return [
      {
        level: 'failure',
        message: `no host holds the virtual IP ${vip}; asked: ${found.map(({ host }) => host).join(', ') || 'none, as no keepalived runs'}`,
        hint: 'journalctl -u keepalived says why; a host gives it away while its haproxy does not answer the track script.',
      },
    ]
  return [
    {
      level: 'failure',
      message: `${holders.length} hosts hold the virtual IP ${vip}: ${holders.join(', ')}`,
      hint: 'They do not hear each other: let IP protocol 112 (VRRP) pass between their node IPs.',
    },
  ]
}

/** As this haproxy host sees them. A master whose own API server is not ready is not the endpoint's fault. */
export const allBackendsUp = (scope: Scope, host: Host): Step =>
  check({
    id: 'backends-up',
    title: 'Have every ready master up behind haproxy',
    after: ['config:haproxy', 'config:haproxy-members'],
    settle,
    look: all({
      servers: see(at(host.name, haproxyServers(haproxySocket))),
      masters: askAll(scope, { hosts: hostsWith(scope.inventory, 'master'), of: remains() }),
    }),
    problems: ({ servers, masters }) => backendProblems({ host: host.name, servers, masters }),
  })

export const backendProblems = (of: {
  readonly host: HostName
  readonly servers: readonly Server[]
  readonly masters: readonly { readonly host: HostName; readonly seen: Seen<Remains> }[]
}): readonly Problem[] =>
  of.masters
    .filter(({ seen }) => seen.status === 'known' && seen.state.readyz === 'ok')
    .flatMap(({ host: master }): readonly Problem[] => {
      const server = of.servers.find(({ backend, server: name }) => backend === apiBackend && name === master)
      if (server && isUp(server)) return []
      const said = server ? `${server.status} (${[server.check, server.said].filter(Boolean).join(' ')})` : 'absent'
      return [
        {
          level: 'failure',
          message: `${master} is ready, but the haproxy of ${of.host} has it ${said}`,
          hint: `Let ${of.host} reach port 6443 of ${master}: a firewall between them is the usual cause.`,
        },
      ]
    })
