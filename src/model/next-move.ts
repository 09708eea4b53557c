// What must happen next so that who belongs is who should: one pure function over what was observed and what is desired.
import type { HostName, HostState } from './host.js'
import { owns, type Desired, type Leaving, type Move, type NextMove, type Observed } from './membership.js'
import { additionFault, removalFault } from './quorum.js'
import { cutOff, quorumFault, rebuildMove } from './rebuild.js'

type Refused = Extract<NextMove, { kind: 'refused' }>

/**
 * The next single step towards the desired membership. `init` only when every master was reached and is fresh (or
 * half-initialised by khactl) and nothing answers at the endpoint (design.md §4, R-I1, R-K5). Then: what the dead left
 * behind goes first, as it weighs on every majority; masters join one at a time (R-K1); who is well leaves last, so that
 * a replacement is there before its predecessor goes.
 */
export const nextMove = (observed: Observed, desired: Desired): NextMove => {
  const context: Context = {
    ...{ observed, desired },
    state: (host) => observed.hosts.get(host) ?? { kind: 'unreachable', why: 'not looked at' },
  }
  const refusal = firstRefusal(context)
  if (refusal) return refusal
  if (!hasLeader(context)) return desired.quorum === 'rebuild' ? rebuildMove(observed, desired) : firstMaster(context)
  for (const find of [forgetting, deadLeaving, joiningMaster, joiningWorker, leavingWorker, leavingMaster]) {
    const move = find(context)
    if (move !== null) return move
  }
  return { kind: 'done' }
}

interface Context {
  readonly observed: Observed
  readonly desired: Desired
  readonly state: (host: HostName) => HostState
}

type Finder = (context: Context) => Move | Refused | null

const joins = (state: HostState): boolean =>
  state.kind === 'fresh' || state.kind === 'half-joined' || state.kind === 'half-initialised'

const hasLeader = ({ desired, state }: Context): boolean =>
  [...desired.nodes, ...desired.leaving].some(({ host, role }) => role === 'master' && isMaster(state(host)))

const isMaster = (state: HostState): boolean => state.kind === 'healthy' && state.role === 'master'

const firstRefusal = ({ desired, state }: Context): Refused | null => {
  for (const { host } of [...desired.nodes, ...desired.leaving.filter(({ manner }) => manner === 'live')]) {
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
  const split = desired.leaving.find((one) => desired.nodes.some(({ host }) => host === one.host))
  if (split)
    return {
      kind: 'refused',
      reason: `${split.host} is to leave as a ${split.role}, and to stay as another kind of node`,
      hint: 'A node cannot change its kind in place: remove the host whole, then add it again.',
    }
  for (const { host, manner } of desired.leaving)
    if (manner === 'dead' && state(host).kind !== 'unreachable')
      return {
        kind: 'refused',
        reason: `${host} is declared dead, but it answers: it is ${state(host).kind}`,
        hint: `Remove it without --dead, so that it is emptied too; where the inventory says \`state: dead\`, write \`state: absent\`.`,
      }
  return null
}

const firstMaster = ({ observed, desired, state }: Context): NextMove => {
  const masters = desired.nodes.filter(({ role }) => role === 'master').map(({ host }) => host)
  const gone = desired.leaving.filter(({ host }) => state(host).kind !== 'fresh').map(({ host }) => host)
  const workers = desired.nodes.filter(({ role }) => role === 'worker').map(({ host }) => host)
  const evidence = masters.filter((host) => !['fresh', 'half-initialised'].includes(state(host).kind))
  const founded = workers.filter((host) => ['healthy', 'broken'].includes(state(host).kind))
  if (evidence.length + founded.length + gone.length > 0 || observed.endpointAnswers === true) {
    const named = [...evidence, ...founded, ...gone].map((host) => `${host} is ${state(host).kind}`)
    const told = observed.endpointAnswers === true ? [...named, 'something answers at the API endpoint'] : named
    const cut = cutOff(observed)
    if (cut !== null) return { kind: 'refused', ...cut }
    const lost = quorumFault(observed.view)
    if (lost !== null)
      return {
        kind: 'refused',
        reason: `${lost}, so it can take nobody out and let nobody in: ${told.join(', ')}`,
        hint: 'Bring members back: with a majority it goes on by itself. docs/disaster.md says what is left when they are gone for good.',
      }
    return {
      kind: 'refused',
      reason: `no master is healthy, but the cluster may exist: ${told.join(', ')}`,
      hint: 'kubeadm init runs only when every master was reached and is fresh. Bring a master back, or reset the hosts.',
    }
  }
  const begun = masters.find((host) => state(host).kind === 'half-initialised')
  const first = begun ?? masters[0]
  return first === undefined
    ? { kind: 'refused', reason: 'the inventory has no master', hint: 'Add one under masters:.' }
    : { kind: 'init', host: first }
}

/** Members and Nodes of hosts that are no more. One that answers is somebody's, and is left alone. */
const forgetting: Finder = ({ observed: { view }, desired, state }) => {
  if (view === null) return null
  for (const member of view.members) {
    if (member.answers === 'yes') continue
    const owner = desired.known.find((place) => owns(place, member))
    const anew =
      owner !== undefined && desired.nodes.some(({ host }) => host === owner.host) && joins(state(owner.host))
    if (owner !== undefined && !anew) continue
    const name = member.name === '' ? member.peerUrls.join(', ') : member.name
    const fault = removalFault(view.members, member)
    if (fault !== null)
      return refusedQuorum(
        `etcd counts ${name}, which is ${anew ? 'a host made anew' : 'no host of the inventory'}`,
        fault,
      )
    const node = view.nodes.find((one) => one === member.name || one === owner?.host) ?? null
    return { kind: 'forget', host: owner?.host ?? null, name, member, node, why: anew ? 'made anew' : 'orphan' }
  }
  const anew = desired.nodes.find(({ host }) => state(host).kind === 'fresh' && view.nodes.includes(host))
  if (anew === undefined || view.members.some((member) => owns(anew, member))) return null
  return { kind: 'forget', host: anew.host, name: anew.host, member: null, node: anew.host, why: 'made anew' }
}

const deadLeaving: Finder = (context) => {
  for (const place of context.desired.leaving) {
    if (place.manner !== 'dead') continue
    const move = leave(context, place)
    if (move !== null) return move
  }
  return null
}

const leavingWorker: Finder = (context) => {
  const place = context.desired.leaving.find(
    (one) => one.role === 'worker' && one.manner === 'live' && remains(context, one),
  )
  return place === undefined ? null : leave(context, place)
}

const leavingMaster: Finder = (context) => {
  const place = context.desired.leaving.find(
    (one) => one.role === 'master' && one.manner === 'live' && remains(context, one),
  )
  return place === undefined ? null : leave(context, place)
}

/** A host that cannot be reached and is not declared dead is left as it is: it may come back as a member. */
const remains = ({ observed: { view }, state }: Context, place: Leaving): boolean => {
  const { kind } = state(place.host)
  if (kind === 'unreachable') return false
  return (
    kind !== 'fresh' ||
    (view?.nodes.includes(place.host) ?? false) ||
    (view?.members.some((member) => owns(place, member)) ?? false)
  )
}

const leave = ({ observed: { view }, desired, state }: Context, place: Leaving): Move | Refused | null => {
  const { host, role, manner } = place
  const member = view?.members.find((one) => owns(place, one)) ?? null
  const isKnown = member !== null || (view?.nodes.includes(host) ?? false)
  if (manner === 'dead' && !isKnown) return null
  if (manner === 'dead' && member?.answers === 'yes')
    return {
      kind: 'refused',
      reason: `${host} is declared dead, but its etcd answers: only SSH does not reach it`,
      hint: 'Make it reachable and remove it without --dead, or switch it off first.',
    }
  if (view === null)
    return {
      kind: 'refused',
      reason: `${host} cannot leave: no master could tell the members of etcd`,
      hint: 'Look at etcd first: crictl ps, crictl logs, on the masters.',
    }
  if (member !== null) {
    const fault = removalFault(view.members, member)
    if (fault !== null) return refusedQuorum(`${host} cannot leave`, fault)
  }
  const others = [...desired.nodes, ...desired.leaving].filter((one) => one.host !== host)
  if (role === 'master' && !others.some((one) => one.role === 'master' && isMaster(state(one.host))))
    return {
      kind: 'refused',
      reason: `${host} is the last master that is healthy`,
      hint: 'Add a master first, or give the cluster up with khactl reset.',
    }
  return { kind: 'leave', host, role, manner, member }
}

const joiningMaster: Finder = ({ observed: { view }, desired, state }) => {
  const joiner = desired.nodes.find(({ host, role }) => role === 'master' && joins(state(host)))
  if (joiner === undefined) return null
  // What it left in etcd itself, at a join that died, is taken out by its cleanup.
  const others = (view?.members ?? []).filter((member) => !owns(joiner, member))
  const fault = additionFault(others)
  return fault === null
    ? { kind: 'join-master', host: joiner.host }
    : {
        kind: 'refused',
        reason: `${joiner.host} cannot join: ${fault}`,
        hint: 'Bring the member back; or, if its host is gone for good, khactl replace --dead (or remove --dead) takes it out first.',
      }
}

const joiningWorker: Finder = ({ desired, state }) => {
  const joiner = desired.nodes.find(({ host, role }) => role === 'worker' && joins(state(host)))
  return joiner === undefined ? null : { kind: 'join-worker', host: joiner.host }
}

const refusedQuorum = (what: string, fault: string): Refused => ({
  kind: 'refused',
  reason: `${what}: ${fault}`,
  hint: 'Bring members back first. docs/disaster.md says what is left when they are gone for good.',
})
