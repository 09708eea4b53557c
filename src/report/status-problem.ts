// How the areas of a status make their problems, and tell those that follow from a host out of reach.
import type { SeenHost, StatusSeen } from './status-seen.js'
import type { StatusProblem } from './status-area.js'

type Told = Pick<StatusProblem, 'where' | 'what'> & { readonly hint?: string; readonly follows?: string | null }

const problem =
  (level: StatusProblem['level']) =>
  ({ where, what, hint = '', follows = null }: Told): StatusProblem => ({ level, where, what, hint, follows })

export const failure = problem('failure')
export const warning = problem('warning')
export const change = problem('change')

/** The host itself when it was not reached, else null. */
export const lost = ({ hosts }: StatusSeen, name: string): string | null =>
  hosts.some((host) => host.name === name && host.state.kind === 'unreachable') ? name : null

export const staying = ({ hosts }: StatusSeen, role: SeenHost['roles'][number]): readonly SeenHost[] =>
  hosts.filter(({ leaving, roles }) => leaving === null && roles.includes(role))

/** Whether there is a cluster at all: bare hosts have no servers to be missed. */
export const isFounded = ({ hosts, etcd }: StatusSeen): boolean =>
  etcd !== null ||
  hosts.some(({ state }) => ['healthy', 'broken', 'half-joined', 'half-initialised', 'busy'].includes(state.kind))

/** Whether a host should be running its part of the cluster by now. */
export const isInside = ({ state }: SeenHost): boolean =>
  state.kind === 'healthy' || state.kind === 'broken' || state.kind === 'unreachable'
