// Every move from here to the desired membership: nextMove, simulated to its end. This is what a plan shows.
import type { HostName } from './host.js'
import { owns, type ClusterView, type Desired, type Move, type NextMove, type Observed } from './membership.js'
import { nextMove } from './next-move.js'
import { toTheEnd } from './pieces.js'
import { rebuilt } from './rebuild.js'

export interface Moves {
  readonly moves: readonly Move[]
  readonly end: Extract<NextMove, { kind: 'done' | 'refused' }>
}

/** The moves, and `done` or the refusal that stands in the way. Ends: every move takes one thing off what is to be done. */
export const allMoves = (observed: Observed, desired: Desired): Moves => toTheEnd(findingMoves(observed, desired))

/** The same, move by move, for who has other things to do in between. */
export function* findingMoves(observed: Observed, desired: Desired): Generator<undefined, Moves> {
  const moves: Move[] = []
  let now = observed
  for (;;) {
    const move = nextMove(now, desired)
    if (move.kind === 'done' || move.kind === 'refused') return { moves, end: move }
    moves.push(move)
    now = after(now, { move, desired })
    yield
  }
}

/** The world as it is once the move came to its end. */
export const after = (
  { hosts, view }: Observed,
  { move, desired }: { readonly move: Move; readonly desired: Desired },
): Observed => {
  const next = new Map(hosts)
  switch (move.kind) {
    case 'init':
    case 'join-master':
    case 'join-worker': {
      const role = move.kind === 'join-worker' ? 'worker' : 'master'
      next.set(move.host, { kind: 'healthy', role })
      return { hosts: next, endpointAnswers: true, view: joined(view, { host: move.host, role, desired }) }
    }
    case 'rebuild-etcd': {
      next.set(move.host, { kind: 'healthy', role: 'master' })
      const survivor = desired.nodes.find(({ host }) => host === move.host)
      return { hosts: next, endpointAnswers: true, view: rebuilt(view, survivor) }
    }
    case 'forget':
      return { hosts, endpointAnswers: true, view: without(view, { member: move.member?.id, node: move.node }) }
    case 'leave':
      if (move.manner === 'live') next.set(move.host, { kind: 'fresh' })
      return { hosts: next, endpointAnswers: true, view: without(view, { member: move.member?.id, node: move.host }) }
  }
}

const joined = (
  view: ClusterView | null,
  { host, role, desired }: { host: HostName; role: 'master' | 'worker'; desired: Desired },
): ClusterView | null => {
  if (view === null) return null
  const place = desired.nodes.find((one) => one.host === host)
  const others = view.members.filter((member) => place === undefined || !owns(place, member))
  const vote = { id: `joined ${host}`, name: host, peerUrls: [], part: 'voter', answers: 'yes' } as const
  return {
    ...view,
    members: role === 'master' ? [...others, vote] : view.members,
    nodes: [...view.nodes.filter((name) => name !== host), host],
  }
}

const without = (
  view: ClusterView | null,
  { member, node }: { readonly member: string | undefined; readonly node: string | null },
): ClusterView | null =>
  view === null
    ? null
    : {
        ...view,
        members: view.members.filter(({ id }) => id !== member),
        nodes: view.nodes.filter((name) => name !== node),
      }
