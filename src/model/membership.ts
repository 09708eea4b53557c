// Who belongs to the cluster and what must happen next: one pure function over what was observed and what is desired.
import type { HostName, HostState } from './host.js'

export interface Observed {
  readonly hosts: ReadonlyMap<HostName, HostState>
  /** Whether anything answers at the API endpoint; null: it could not be asked yet. */
  readonly endpointAnswers: boolean | null
}

export interface Desired {
  readonly masters: readonly HostName[]
  readonly workers: readonly HostName[]
}

export type Move =
  | { readonly kind: 'init'; readonly host: HostName }
  | { readonly kind: 'join-master'; readonly host: HostName }
  | { readonly kind: 'join-worker'; readonly host: HostName }

export type NextMove =
  Move | { readonly kind: 'done' } | { readonly kind: 'refused'; readonly reason: string; readonly hint: string }

/** Most etcd members that may be missing while the rest still decides. */
export const tolerated = (members: number): number => Math.floor((members - 1) / 2)

/**
 * The next single step towards the desired membership. `init` only when every master was reached and is fresh (or
 * half-initialised by khactl) and nothing answers at the endpoint (design.md §4, R-I1, R-K5); masters one at a time (R-K1).
 */
export const nextMove = (observed: Observed, desired: Desired): NextMove => {
  const state = (host: HostName): HostState => observed.hosts.get(host) ?? { kind: 'unreachable', why: 'not looked at' }
  const refusal = firstRefusal([...desired.masters, ...desired.workers], state)
  if (refusal) return refusal
  const leader = desired.masters.find((host) => state(host).kind === 'healthy')
  if (leader === undefined) return firstMaster(observed, { desired, state })
  const joiner = desired.masters.find((host) => joins(state(host)))
  if (joiner !== undefined) return { kind: 'join-master', host: joiner }
  const worker = desired.workers.find((host) => !desired.masters.includes(host) && joins(state(host)))
  return worker === undefined ? { kind: 'done' } : { kind: 'join-worker', host: worker }
}

/** Every move from here to the desired membership, or the refusal that stands in the way. */
export const allMoves = (
  observed: Observed,
  desired: Desired,
): { readonly moves: readonly Move[]; readonly end: NextMove } => {
  const hosts = new Map(observed.hosts)
  const moves: Move[] = []
  let endpointAnswers = observed.endpointAnswers
  for (;;) {
    const move = nextMove({ hosts, endpointAnswers }, desired)
    if (move.kind === 'done' || move.kind === 'refused') return { moves, end: move }
    moves.push(move)
    hosts.set(move.host, { kind: 'healthy', role: move.kind === 'join-worker' ? 'worker' : 'master' })
    endpointAnswers = true
  }
}

const joins = (state: HostState): boolean =>
  state.kind === 'fresh' || state.kind === 'half-joined' || state.kind === 'half-initialised'

const firstRefusal = (hosts: readonly HostName[], state: (host: HostName) => HostState): NextMove | undefined => {
  for (const host of hosts) {
    const found = state(host)
    if (found.kind === 'foreign')
      return {
        kind: 'refused',
        reason: `${host} belongs to another cluster: ${found.why}`,
        hint: 'Take it out of the inventory, or run `kubeadm reset` on it yourself if it may be wiped.',
      }
    if (found.kind === 'busy')
      return {
        kind: 'refused',
        reason: `${host} still runs ${found.unit} from an earlier run`,
        hint: `Wait until it ends (systemctl status ${found.unit}), then run khactl again.`,
      }
  }
  return undefined
}

const firstMaster = (
  observed: Observed,
  { desired, state }: { readonly desired: Desired; readonly state: (host: HostName) => HostState },
): NextMove => {
  const evidence = desired.masters.filter((host) => !['fresh', 'half-initialised'].includes(state(host).kind))
  const founded = desired.workers.filter((host) => ['healthy', 'broken'].includes(state(host).kind))
  if (evidence.length > 0 || founded.length > 0 || observed.endpointAnswers === true) {
    const named = [...evidence, ...founded].map((host) => `${host} is ${state(host).kind}`)
    const told = observed.endpointAnswers === true ? [...named, 'something answers at the API endpoint'] : named
    return {
      kind: 'refused',
      reason: `no master is healthy, but the cluster may exist: ${told.join(', ')}`,
      hint: 'kubeadm init runs only when every master was reached and is fresh. Bring a master back, or reset the hosts.',
    }
  }
  const begun = desired.masters.find((host) => state(host).kind === 'half-initialised')
  const first = begun ?? desired.masters[0]
  return first === undefined
    ? { kind: 'refused', reason: 'the inventory has no master', hint: 'Add one under masters:.' }
    : { kind: 'init', host: first }
}
