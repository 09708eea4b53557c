// When etcd may go on from one survivor, its quorum given up: never while another member could come back beside it.
import type { HostName, HostState } from './host.js'
import { owns, type ClusterView, type Desired, type NextMove, type Observed, type Place } from './membership.js'
import { tally, tallyText } from './quorum.js'

/** For a cluster without a healthy master, and only when it is wished. */
export const rebuildMove = ({ hosts, view }: Observed, { nodes, leaving }: Desired): NextMove => {
  const state = (host: HostName): HostState => hosts.get(host) ?? { kind: 'unreachable', why: 'not looked at' }
  const staying = nodes.filter(({ role }) => role === 'master')
  const survivors = staying.filter(({ host }) => holdsData(state(host)))
  const [survivor] = survivors
  const faults = [
    ...(survivors.length === 0 ? ['no master that stays was reached and holds data of etcd'] : []),
    ...(survivors.length > 1 ? [`${namesOf(survivors)} hold data of etcd, and only one of them can go on`] : []),
    ...staying
      .filter((place) => !survivors.includes(place) && state(place.host).kind !== 'fresh')
      .map(({ host }) => `${host} is ${state(host).kind}, and not declared dead`),
    ...leaving
      .filter(({ role, host, manner }) => role === 'master' && manner === 'live' && state(host).kind !== 'fresh')
      .map(({ host }) => `${host} is to leave, but not declared dead`),
    ...leaving
      .filter(({ role, host, manner }) => role === 'master' && manner === 'dead' && state(host).kind !== 'unreachable')
      .map(({ host }) => `${host} is declared dead, but it answers`),
    ...(view?.members ?? [])
      .filter((member) => member.answers === 'yes' && !survivors.some((place) => owns(place, member)))
      .map(({ name, peerUrls }) => `the etcd member ${name === '' ? peerUrls.join(', ') : name} answers`),
  ]
  if (faults.length === 0 && survivor !== undefined) return { kind: 'rebuild-etcd', host: survivor.host }
  return {
    kind: 'refused',
    reason: `etcd cannot be rebuilt from one survivor: ${faults.join('; ')}`,
    hint: 'No old member may ever come back beside the rebuilt one. Switch the others off for good and name them all: khactl remove NAMES --dead --rebuild-etcd-from-one-survivor (docs/disaster.md).',
  }
}

const holdsData = (state: HostState): boolean => state.kind === 'broken' && state.etcd !== undefined

const namesOf = (places: readonly Place[]): string => places.map(({ host }) => host).join(' and ')

/** A rebuild that was begun is to be ended before anything else. */
export const cutOff = ({ hosts }: Observed): { readonly reason: string; readonly hint: string } | null => {
  for (const [host, state] of hosts)
    if (state.kind === 'broken' && state.etcd === 'half-rebuilt')
      return {
        reason: `${host} is broken: ${state.why}`,
        hint: 'Run that command again: it goes on where it was cut off. Nothing else is safe before.',
      }
  return null
}

/** The quorum that is missing, counted; null: it holds, or nobody could tell. */
export const quorumFault = (view: ClusterView | null): string | null => {
  if (view === null) return null
  const now = tally(view.members)
  return now.holds ? null : `etcd has lost its quorum (${tallyText(now)})`
}

/** The cluster behind a rebuild: one member, which answers; what it has of Nodes is seen by the run that follows. */
export const rebuilt = (view: ClusterView | null, survivor: Place | undefined): ClusterView | null =>
  view === null || survivor === undefined
    ? view
    : {
        ...view,
        members: view.members
          .filter((member) => owns(survivor, member))
          .map((member) => ({ ...member, part: 'voter', answers: 'yes' })),
      }
