// The API endpoint, as a status tells it: who holds the VIP, who carries it, and the masters as each haproxy sees them.
import { foldNames } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { change, failure, isFounded, lost, staying, warning } from './status-problem.js'
import type { SeenHost, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'

export interface EndpointView {
  readonly address: string
  /** Hosts that hold the VIP; exactly one when all is well. */
  readonly holders: readonly string[]
  readonly carriers: readonly {
    readonly host: string
    readonly haproxy: UnitWord
    readonly keepalived: UnitWord
    /** Each master as this haproxy sees it; null: haproxy did not answer. */
    readonly backends: Readonly<Record<string, string>> | null
  }[]
}

type UnitWord = 'running' | 'not running' | 'not told'

export const endpointArea = (seen: StatusSeen): Area<EndpointView> => {
  const carriers = staying(seen, 'haproxy').map((host) => carrierOf(seen, host))
  const holders = seen.hosts
    .filter(({ holdsVip }) => holdsVip?.status === 'known' && holdsVip.state)
    .map(({ name }) => name)
  const address = `${seen.endpoint.vip}:${seen.endpoint.port}`
  const data = { address, holders, carriers }
  const bare = carriers.every(({ haproxy }) => haproxy !== 'running') && !isFounded(seen)
  const problems = bare
    ? []
    : [
        ...holderProblems(seen, data),
        ...carriers.flatMap((one) => carrierProblems(seen, one)),
        ...serverProblems(seen, data),
      ]
  const masters = staying(seen, 'master').map(({ name }) => name)
  return {
    title: 'endpoint',
    summary: bare ? `${address}, not set up yet` : `VIP ${holderWords(holders)}, ${backendWords(data, masters)}`,
    table: serverProblems(seen, data).length === 0 || bare ? [] : matrix(data),
    problems,
    data,
  }
}

const holderWords = (holders: readonly string[]): string =>
  holders.length === 0 ? 'held by nobody' : `on ${holders.join(' AND ')}`

const backendWords = ({ carriers }: EndpointView, masters: readonly string[]): string => {
  const told = carriers.filter(({ backends }) => backends !== null)
  if (told.length === 0) return 'no haproxy answers'
  const up = masters.filter((master) => told.every(({ backends }) => backends?.[master] === 'UP'))
  return `${up.length} of ${masters.length} masters UP on ${told.length} of ${carriers.length} haproxy hosts`
}

const carrierOf = (seen: StatusSeen, host: SeenHost): EndpointView['carriers'][number] => {
  const masters = staying(seen, 'master').map(({ name }) => name)
  const servers = host.servers?.status === 'known' ? host.servers.state : null
  const names = [...new Set([...masters, ...(servers ?? []).map(({ server }) => server)])]
  return {
    host: host.name,
    haproxy: unitWord(host, 'haproxy'),
    keepalived: unitWord(host, 'keepalived'),
    backends:
      servers === null
        ? null
        : Object.fromEntries(
            names.map((name) => [name, statusWord(servers.find(({ server }) => server === name)?.status)]),
          ),
  }
}

const unitWord = ({ units }: SeenHost, name: string): UnitWord => {
  const unit = units.find((one) => one.name === name)?.unit
  if (unit?.status !== 'known') return 'not told'
  return unit.state.active === 'active' ? 'running' : 'not running'
}

/** `UP 1/3` is still up, `DOWN 1/2` still down; `DRAIN (agent)`, `MAINT (via …)`. */
const statusWord = (status: string | undefined): string => status?.split(' ')[0] ?? 'absent'

const holderProblems = (seen: StatusSeen, { address, holders }: EndpointView): readonly StatusProblem[] => {
  const where = seen.endpoint.vip
  const carriers = staying(seen, 'haproxy').map(({ name }): string => name)
  if (holders.length === 0) {
    const gone = carriers.filter((name) => lost(seen, name) !== null)
    const what =
      gone.length === 0
        ? 'the VIP is on no host'
        : `the VIP is on no host that was reached (${foldNames(gone)} may hold it)`
    return [
      gone.length < carriers.length || gone.length === 0
        ? failure({
            where,
            what,
            hint: 'systemctl status haproxy keepalived; journalctl -eu keepalived on the haproxy hosts',
          })
        : failure({ where, what, follows: gone[0] ?? null }),
    ]
  }
  const strangers = holders.filter((name) => !carriers.includes(name))
  return [
    ...(holders.length > 1
      ? [
          failure({
            where,
            what: `${listedBoth(holders)} hold the VIP at once: clients reach one or the other`,
            hint: `VRRP (protocol 112) between them, or another keepalived with this router id: journalctl -eu keepalived`,
          }),
        ]
      : []),
    ...strangers.map((name) =>
      failure({
        where: name,
        what: `holds ${address.split(':')[0]} and is no haproxy host of the inventory`,
        hint: 'ip addr del it there',
      }),
    ),
  ]
}

const listedBoth = (names: readonly string[]): string => names.join(' and ')

const carrierProblems = (
  seen: StatusSeen,
  { host, haproxy, keepalived, backends }: EndpointView['carriers'][number],
): readonly StatusProblem[] => {
  if (lost(seen, host) !== null) return [failure({ where: host, what: 'carries nothing', follows: host })]
  const idle = (unit: string): StatusProblem =>
    failure({ where: host, what: `${unit} does not run`, hint: `journalctl -eu ${unit} on it; khactl up starts it` })
  return [
    ...(haproxy === 'not running' ? [idle('haproxy')] : []),
    ...(keepalived === 'not running' ? [idle('keepalived')] : []),
    ...(backends === null && haproxy === 'running'
      ? [failure({ where: host, what: `haproxy did not tell its servers: ${toldBy(seen, host)}` })]
      : []),
  ]
}

const toldBy = ({ hosts }: StatusSeen, name: string): string => {
  const servers = hosts.find((host) => host.name === name)?.servers
  return servers?.status === 'unreadable' ? plainLine(servers.why) : 'no answer'
}

const serverProblems = (seen: StatusSeen, { carriers }: EndpointView): readonly StatusProblem[] => {
  const masters = staying(seen, 'master')
  return carriers.flatMap(({ host, backends }) =>
    Object.entries(backends ?? {}).flatMap(([server, word]): readonly StatusProblem[] => {
      if (word === 'UP') return []
      const master = masters.find(({ name }) => name === server)
      const outside = master !== undefined && ['fresh', 'half-joined', 'half-initialised'].includes(master.state.kind)
      // A master that has not joined yet, or whose API server is told to be away below, is no fault of haproxy's.
      const follows = lost(seen, server) ?? (isReady(master) ? null : server)
      const what = `${server} is ${word} for its haproxy${saidOf(seen, { host, server })}`
      if (outside) return []
      if (word === 'absent')
        return [change({ where: host, what: `its haproxy does not know ${server}`, hint: 'khactl up' })]
      if (word === 'DRAIN' || word === 'MAINT')
        return [warning({ where: host, what, hint: 'khactl up puts it back, unless somebody still works on it' })]
      return [failure({ where: host, what, follows })]
    }),
  )
}

const isReady = (master: SeenHost | undefined): boolean =>
  master?.readyz?.status !== 'known' || master.readyz.state === 'ok'

const saidOf = (
  { hosts }: StatusSeen,
  { host, server }: { readonly host: string; readonly server: string },
): string => {
  const servers = hosts.find(({ name }) => name === host)?.servers
  const found = servers?.status === 'known' ? servers.state.find((one) => one.server === server) : undefined
  const said = [found?.check ?? '', plainLine(found?.said ?? '')].filter((word) => word !== '').join(' ')
  return said === '' ? '' : ` (${said})`
}

/** Rows masters, columns haproxy hosts. */
const matrix = ({ carriers }: EndpointView): readonly (readonly string[])[] => {
  const servers = [...new Set(carriers.flatMap(({ backends }) => Object.keys(backends ?? {})))]
  return [
    ['', ...carriers.map(({ host }) => host)],
    ...servers.map((server) => [server, ...carriers.map(({ backends }) => backends?.[server] ?? '?')]),
  ]
}
