// A playbook: order as data. Behaviour is in tasks; there are no conditions, loops or variables here.
import type { Arguments } from './arguments.js'
import type { Host, Inventory, Role } from './inventory.js'
import type { HostName, HostState } from './host.js'
import type { StageId } from './graph.js'
import type { Step } from './step.js'
import type { ClusterView, Move } from './membership.js'

export interface Playbook {
  readonly name: string
  /** `ignored`: it brings nobody in and takes nobody out, so no refusal of nextMove stands in its way. */
  readonly membership?: 'ignored' | undefined
  readonly stages: readonly PlaybookStage[]
}

/**
 * `leader` is the founding master of a new cluster or the first healthy one; `other masters` are the rest, of
 * whom the `second master` joins while no other master that stays is healthy, and the `further masters` are the others. `named` are the
 * hosts named on the command line, `named nodes` those of them that run a kubelet, `named workers` these without masters, `neighbours` the haproxy hosts and
 * masters that are not named. `leaving` are the hosts to be removed that were reached, `dead` those declared gone for good:
 * steps in their lanes act through other hosts. `every host` is whoever stands in the inventory, also to leave, or those of
 * them that are named; `every worker` and `every master` are the nodes among them.
 */
export type Selector = (typeof selectors)[number]
export const selectors = [
  'all',
  'endpoint hosts',
  'leader',
  'other masters',
  'second master',
  'further masters',
  'master',
  'worker',
  'haproxy',
  'master+worker',
  'named',
  'named nodes',
  'named workers',
  'neighbours',
  'leaving',
  'dead',
  'leaving or dead',
  'every worker',
  'every master',
  'every host',
] as const

export interface PlaybookStage {
  readonly id: StageId
  readonly on: Selector
  /** A stage that `--stage` and `--from` mean with this one; null: none. */
  readonly of: StageId | null
  /** Hosts at work at once; default: as many as the tasks allow. */
  readonly width: number | null
  readonly last: 'vip-holder' | null
  /** Stages before this one; null: the one above it. */
  readonly after: readonly StageId[] | null
  readonly tasks: readonly TaskUse[]
}

export interface TaskUse {
  readonly name: string
  /** Literal arguments, checked by the task's schema; null: a name alone. */
  readonly args: unknown
}

/** What a task may know when it lists its steps; the rest it learns through looks. */
export interface Scope {
  readonly inventory: Inventory
  readonly host: Host
  readonly observed: ReadonlyMap<HostName, HostState>
  /** Every membership move that is still to be made, in order: nextMove simulated to its end. */
  readonly moves: readonly Move[]
  /** The master that `kubeadm init` will run on; null: there is a cluster already. */
  readonly founder: HostName | null
  /** What a master that answers said of the cluster before the run; null: there is none, or none could tell. */
  readonly view: ClusterView | null
  /** What the command line says beside the inventory. */
  readonly wishes: Wishes
  readonly entries: Entries
}

/** The inventory as a file on the operator's machine. */
export interface Entries {
  /** Real path. */
  readonly file: string
  /** Its text without the entries of a host that was to be removed. Pure. */
  readonly without: (text: string, host: HostName) => string
}

export interface Wishes {
  /** Hosts named on the command line; `all`: a command that names none. */
  readonly named: readonly HostName[] | 'all'
  /** What khactl removes beside what must go: `packages` with --packages. */
  readonly remove: 'own files' | 'packages'
  /** `despite losses`: pods without a controller go, too, and what they hold (--force). */
  readonly drain: 'careful' | 'despite losses'
  /** `rebuild`: a quorum that is gone for good is given up (--rebuild-etcd-from-one-survivor). */
  readonly quorum: 'keep' | 'rebuild'
  /** Folder on the operator's machine for etcd snapshots. */
  readonly snapshots: string
}

export interface Task {
  /** A path: `kubeadm.join-master` is src/tasks/kubeadm/join-master.ts. */
  readonly name: string
  readonly title: string
  /** Most hosts that may run it at once; a wider stage is refused by the loader. null: any number. */
  readonly widest: number | null
  /** `checks`: only checks, no changes. */
  readonly kind: 'checks' | 'changes'
  /** Hosts of these roles that failed stop this task on every host: membership is not changed on a shaky endpoint (design.md §8). */
  readonly stoppedBy: readonly Role[]
  /** `unguarded`: nothing it does is what preflight's probes of the network (ports, registries, repositories, VIPs) are made for. */
  readonly probes?: 'unguarded'
  /** Arguments it takes from a playbook; absent: none. */
  readonly takes?: Arguments
  steps(scope: Scope, args: unknown): readonly Step[]
}
