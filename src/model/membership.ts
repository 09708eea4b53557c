// Who belongs to the cluster: what was observed, what is desired, and the moves that lead from one to the other.
import type { HostName, HostState } from './host.js'
import type { Vote } from './quorum.js'

/** What a master that answers says of the cluster. */
export interface ClusterView {
  readonly members: readonly Vote[]
  /** Names of the Node objects. */
  readonly nodes: readonly string[]
  /** Of its API server, without `v`: `1.20.2`. */
  readonly version: string
}

export interface Observed {
  readonly hosts: ReadonlyMap<HostName, HostState>
  /** Whether anything answers at the API endpoint; null: it could not be asked yet. */
  readonly endpointAnswers: boolean | null
  /** null: no master could be asked. Without a quorum it is what a member without a leader remembers: nobody but members. */
  readonly view: ClusterView | null
}

/** A node that belongs, or is to leave. */
export interface Place {
  readonly host: HostName
  readonly role: 'master' | 'worker'
  /** By which an etcd member is recognised that has no name yet. */
  readonly nodeIP: string
}

export interface Leaving extends Place {
  /** `dead`: declared gone for good by the operator; nothing is done on the host itself. */
  readonly manner: 'live' | 'dead'
}

export interface Desired {
  /** Masters and workers, in the order of the inventory. A host that is both is a master. */
  readonly nodes: readonly Place[]
  readonly leaving: readonly Leaving[]
  /** Every node of the inventory, also those that this command leaves as they are: what is theirs is no orphan. */
  readonly known: readonly Place[]
  /** `rebuild`: a quorum that is gone for good is given up, and etcd made anew from one survivor. Default: `keep`. */
  readonly quorum?: 'keep' | 'rebuild'
}

export interface Join {
  readonly kind: 'init' | 'join-master' | 'join-worker'
  readonly host: HostName
}

export type Move =
  | Join
  /** Etcd goes on with this master's data and no other member (docs/disaster.md). */
  | { readonly kind: 'rebuild-etcd'; readonly host: HostName }
  /** What the cluster remembers of a host that is no more: it was made anew under its name, or is in no inventory. */
  | {
      readonly kind: 'forget'
      /** null: no host of the inventory. */
      readonly host: HostName | null
      readonly name: string
      readonly member: Vote | null
      readonly node: string | null
      readonly why: 'made anew' | 'orphan'
    }
  | {
      readonly kind: 'leave'
      readonly host: HostName
      readonly role: 'master' | 'worker'
      readonly manner: 'live' | 'dead'
      /** Its part in etcd; null: it has none. */
      readonly member: Vote | null
    }

export type NextMove =
  Move | { readonly kind: 'done' } | { readonly kind: 'refused'; readonly reason: string; readonly hint: string }

export const joinsIn = (moves: readonly Move[]): readonly Join[] => moves.filter(isJoin)

/** How the host is still to come in, if it is. */
export const joinOf = (moves: readonly Move[], host: string): Join | undefined =>
  moves.find((move): move is Join => isJoin(move) && move.host === host)

const isJoin = (move: Move): move is Join =>
  move.kind === 'init' || move.kind === 'join-master' || move.kind === 'join-worker'

/** Kubernetes' name for a host and etcd's are the same; a member that never started has its peer URL alone. */
export const owns = ({ host, nodeIP }: Known, member: Member): boolean =>
  member.name === '' ? isAt(nodeIP, member) : member.name === host

/** By its name or its address: where taking a member for another host's would cost its data. */
export const mayOwn = ({ host, nodeIP }: Known, member: Member): boolean => member.name === host || isAt(nodeIP, member)

type Known = { readonly host: string; readonly nodeIP: string }
type Member = Pick<Vote, 'name' | 'peerUrls'>

const isAt = (address: string, { peerUrls }: Member): boolean => peerUrls.some((url) => url.includes(`//${address}:`))
