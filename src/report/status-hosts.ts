// Hosts, as a status tells them: reached or why not, what each is, and its units that should run and do not.
import { foldNames } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { isInside } from './status-problem.js'
import { change, failure, warning } from './status-problem.js'
import type { SeenHost, SeenUnit, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'
import { sayState } from './words.js'

export interface HostView {
  readonly name: string
  readonly roles: readonly string[]
  readonly leaving: 'absent' | 'dead' | null
  /** `fresh`, `half-joined`, `healthy`, …; a host with haproxy alone that answers is `reached`. */
  readonly state: string
  readonly why: string
  /** systemd's words by unit: `active (running)`, `failed (start-limit-hit)`, `not told`. */
  readonly units: Readonly<Record<string, string>>
}

export const hostsArea = (seen: StatusSeen): Area<readonly HostView[]> => {
  const { hosts } = seen
  const reached = hosts.filter(({ state }) => state.kind !== 'unreachable')
  const expected = hosts.filter(({ leaving }) => leaving !== 'dead')
  const missing = expected.filter(({ state }) => state.kind === 'unreachable').map(({ name }) => name)
  const fresh = reached.filter((host) => isNode(host) && host.state.kind === 'fresh').map(({ name }) => name)
  const problems = hosts.flatMap(hostProblems)
  const words = [
    `${expected.length - missing.length} of ${expected.length} reached`,
    ...(missing.length > 0 ? [`${foldNames(missing)} not`] : []),
    ...(fresh.length > 0 ? [`${foldNames(fresh)} fresh`] : []),
    ...(problems.length === 0 && fresh.length === 0 ? ['all as they should be'] : []),
  ]
  return { title: 'hosts', summary: words.join(', '), table: [], problems, data: hosts.map(viewOf) }
}

const isNode = ({ roles }: SeenHost): boolean => roles.includes('master') || roles.includes('worker')

const viewOf = (host: SeenHost): HostView => {
  const { name, roles, leaving, state, units } = host
  return {
    ...{ name, roles, leaving },
    state: state.kind === 'fresh' && !isNode(host) ? 'reached' : state.kind,
    why: 'why' in state ? state.why : state.kind === 'busy' ? state.unit : '',
    units: Object.fromEntries(
      units.map((one) => [one.name, one.unit.status === 'known' ? unitWords(one.unit.state) : 'not told']),
    ),
  }
}

const unitWords = ({ load, active, sub, result }: SeenUnit): string => {
  if (load !== 'loaded') return load
  return `${active} (${result === 'success' || result === '' ? sub : result})`
}

const hostProblems = (host: SeenHost): readonly StatusProblem[] => {
  const { name: where, state, leaving } = host
  switch (state.kind) {
    case 'unreachable':
      if (leaving === 'dead') return []
      return [
        failure({
          where,
          what: `not reached: ${plainLine(state.why)}`,
          hint: `Bring it back. If it is gone for good: khactl replace ${where} --dead --with …, or khactl remove ${where} --dead`,
        }),
      ]
    case 'fresh':
      return leaving === null && isNode(host)
        ? [change({ where, what: 'fresh: not in the cluster yet', hint: 'khactl up brings it in', follows: '' })]
        : []
    case 'half-joined':
    case 'half-initialised':
      return [warning({ where, what: sayState(state), hint: 'khactl up cleans it and goes on' }), ...idleUnits(host)]
    case 'busy':
      return [warning({ where, what: sayState(state), hint: `systemctl status ${state.unit}` })]
    case 'broken':
    case 'foreign':
      return [failure({ where, what: plainLine(sayState(state)), hint: brokenHint(state.kind) }), ...idleUnits(host)]
    case 'healthy':
      return idleUnits(host)
  }
}

const brokenHint = (kind: 'broken' | 'foreign'): string =>
  kind === 'broken'
    ? 'journalctl -eu kubelet; crictl ps -a on it'
    : 'Take it out of the inventory, or kubeadm reset it yourself'

/** Of haproxy hosts the endpoint tells. */
const idleUnits = (host: SeenHost): readonly StatusProblem[] =>
  host.units.flatMap(({ name, unit }) => {
    if (!isInside(host) || name === 'haproxy' || name === 'keepalived') return []
    if (unit.status !== 'known' || unit.state.active === 'active') return []
    return [
      failure({ where: host.name, what: `${name} is ${unitWords(unit.state)}`, hint: `journalctl -eu ${name} on it` }),
    ]
  })
