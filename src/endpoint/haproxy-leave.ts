// A haproxy host leaves: the virtual IP goes first, to a host that can take it; then the services, then our files.
import { haproxyServers, isUp } from '../facts/endpoint/stats-socket.js'
import { holdsAddress } from '../facts/endpoint/vip-holder.js'
import { unitState } from '../facts/unit.js'
import { isReached, type HostName } from '../model/host.js'
import { all, always, attempt, each, map, see, type Look } from '../model/look.js'
import type { Scope } from '../model/playbook.js'
import { check, type Problem, type Step } from '../model/step.js'
import { absent } from '../steps/absent.js'
import { handOver } from '../steps/endpoint/hand-over.js'
import { unit } from '../steps/unit.js'
import { apiBackend, haproxyFile, haproxySocket } from '../templates/haproxy.js'
import { hostsWith } from '../templates/hosts.js'
import { checkApiFile, checkHaproxyFile } from '../templates/track-scripts.js'
import { keepalivedPath } from './keepalived-text.js'

/** In the lane of a host that is to leave; empty where it does not carry the endpoint. */
export const leaveSteps = (scope: Scope): readonly Step[] => {
  const { inventory, host } = scope
  const { vip, port } = inventory.cluster.endpoint
  if (!inventory.leaving.some(({ name, roles }) => name === host.name && roles.includes('haproxy'))) return []
  return [
    successor(scope),
    handOver({ vip, port }),
    moved(scope),
    unit({ name: 'haproxy', boot: 'disabled', run: 'stopped' }),
    ...[keepalivedPath, haproxyFile.path, checkHaproxyFile.path, checkApiFile.path].map((path) => absent({ path })),
  ]
}

const remaining = ({ inventory, observed }: Scope): readonly HostName[] =>
  hostsWith(inventory, 'haproxy')
    .map(({ name }) => name)
    .filter((name) => isReached(observed, name))

interface Successor {
  readonly host: HostName
  /** What keeps it from taking the address; null: nothing. */
  readonly fault: string | null
}

/** Asked before anything is stopped here. */
const successor = (scope: Scope): Step =>
  check({
    id: 'endpoint:successor',
    title: 'Have another haproxy host that can take the virtual IP',
    look: each(remaining(scope).map(candidate)),
    settle: { within: 10_000, every: 1000 },
    problems: (found) => successorProblems(scope.host.name, found),
  })

const candidate = (host: HostName): Look<Successor> => {
  const at = { host } as const
  const unitThere = (name: string) => attempt(see({ ...unitState(name), at }))
  return map(
    all({
      keepalived: unitThere('keepalived'),
      haproxy: unitThere('haproxy'),
      servers: attempt(see({ ...haproxyServers(haproxySocket), at })),
    }),
    ({ keepalived, haproxy, servers }): Successor => {
      for (const [name, seen] of Object.entries({ keepalived, haproxy }))
        if (seen.status !== 'known' || seen.state.active !== 'active') return { host, fault: `${name} does not run` }
      const up = servers.status === 'known' && servers.state.some((one) => one.backend === apiBackend && isUp(one))
      return { host, fault: up ? null : 'no API server is up for its haproxy' }
    },
  )
}

export const successorProblems = (leaver: HostName, found: readonly Successor[]): readonly Problem[] =>
  found.some(({ fault }) => fault === null)
    ? []
    : [
        {
          level: 'failure',
          message: `no other haproxy host could take the virtual IP from ${leaver}: ${found.map(({ host, fault }) => `${host}: ${fault}`).join('; ') || 'there is none'}`,
          hint: 'Bring one up first, with khactl up or khactl add-haproxy; then remove this one.',
        },
      ]

/** haproxy here goes on until the address is elsewhere. */
const moved = (scope: Scope): Step => {
  const { vip } = scope.inventory.cluster.endpoint
  return check({
    id: 'endpoint:moved',
    title: `Have ${vip} on another haproxy host`,
    after: ['endpoint:hand-over'],
    settle: { within: 15_000, every: 250 },
    look: each(
      remaining(scope).map((host) =>
        map(attempt(see({ ...holdsAddress(vip), at: { host } })), (seen) => seen.status === 'known' && seen.state),
      ),
    ),
    problems: (held) =>
      held.includes(true)
        ? []
        : [
            {
              level: 'failure',
              message: `${vip} is on none of ${remaining(scope).join(', ')}`,
              hint: 'journalctl -u keepalived says why, on each of them.',
            },
          ],
  })
}

/**
 * On a host that stays, before its keepalived forgets one that leaves: a keepalived that still runs there would hold the
 * address beside the next holder, as neither hears the other.
 */
export const departed = (scope: Scope): readonly Step[] => {
  const { inventory, observed } = scope
  const leavers = inventory.leaving.filter(({ roles, state }) => state === 'absent' && roles.includes('haproxy'))
  if (leavers.length === 0) return []
  return [
    check({
      id: 'endpoint:departed',
      title: 'Have keepalived stopped on haproxy hosts that leave',
      settle: { within: 5000, every: 1000 },
      look: each(leavers.map(({ name }) => departure(name, observed.get(name)?.kind ?? 'unreachable'))),
      problems: (found) => found.flatMap(({ host, is }) => departedProblems(host, is)),
    }),
  ]
}

type Departure = 'stopped' | 'running' | 'unreachable'

const departure = (host: HostName, kind: string): Look<{ readonly host: HostName; readonly is: Departure }> =>
  kind === 'unreachable'
    ? always({ host, is: 'unreachable' })
    : map(see({ ...unitState('keepalived'), at: { host } }), ({ active }) => ({
        host,
        is: active === 'inactive' || active === 'failed' ? 'stopped' : 'running',
      }))

export const departedProblems = (host: HostName, is: Departure): readonly Problem[] =>
  is === 'stopped'
    ? []
    : [
        {
          level: 'failure',
          message: `${host} is to leave, but its keepalived ${is === 'running' ? 'still runs' : 'could not be asked'}: two hosts could hold the virtual IP`,
          hint: `Remove it with khactl remove ${host}, with --dead if it is gone for good.`,
        },
      ]
