// What khactl status saw, as it was told: plain data, from which the view is made.
import type { Seen } from '../model/fact.js'
import type { HostName, HostState } from '../model/host.js'
import type { Role } from '../model/inventory.js'
import type { Vote } from '../model/quorum.js'
import type { Move } from '../model/membership.js'

export interface StatusSeen {
  readonly cluster: string
  readonly inventory: string
  /** Seconds since 1970. */
  readonly now: number
  readonly endpoint: { readonly vip: string; readonly port: number }
  /** Of Kubernetes, as the inventory wants it. */
  readonly version: string
  /** In the order of the inventory; whoever is to leave comes last. */
  readonly hosts: readonly SeenHost[]
  /** Node objects; null: no master that is healthy could be asked. */
  readonly nodes: Seen<readonly SeenNode[]> | null
  /** The host whose word on etcd is taken, and the word; null: nobody could tell. */
  readonly etcd: { readonly by: HostName; readonly sight: SeenEtcd } | null
  /** What up would do with who belongs. */
  readonly moves: { readonly moves: readonly Move[]; readonly refusal: Refusal | null }
  readonly drift: Drift
}

export interface SeenHost {
  readonly name: HostName
  readonly roles: readonly Role[]
  readonly nodeIP: string
  readonly leaving: 'absent' | 'dead' | null
  readonly state: HostState
  /** null: not looked at, or not of this host. */
  readonly readyz: Seen<string | null> | null
  /** The endpoint's answer to its kubelet. */
  readonly viaEndpoint: Seen<string | null> | null
  readonly pods: Seen<{ readonly wanted: readonly string[]; readonly running: readonly string[] }> | null
  readonly certificates: Seen<readonly { readonly path: string; readonly expires: number | null }[]> | null
  readonly holdsVip: Seen<boolean> | null
  readonly servers: Seen<readonly SeenServer[]> | null
  readonly units: readonly { readonly name: string; readonly unit: Seen<SeenUnit> }[]
}

interface SeenServer {
  readonly server: string
  readonly status: string
  readonly check: string
  readonly said: string
}

export interface SeenUnit {
  readonly load: string
  readonly active: string
  readonly sub: string
  readonly result: string
}

export interface SeenEtcd {
  readonly members: readonly Vote[]
  readonly etcd: readonly {
    readonly id: string
    readonly leader: string
    readonly size: number
    readonly version: string
    readonly errors: readonly string[]
  }[]
  readonly alarms: readonly string[]
}

export interface SeenNode {
  readonly name: string
  readonly role: 'master' | 'worker'
  readonly ready: 'yes' | 'no'
  readonly why: string
  readonly readySince: number | null
  readonly version: string
  readonly pressures: readonly string[]
  readonly cordon: {
    readonly byKhactl: string | null
    readonly manager: string | null
    readonly since: number | null
  } | null
}

interface Refusal {
  readonly reason: string
  readonly hint: string
}

export type Drift =
  | { readonly kind: 'left out' }
  | {
      readonly kind: 'planned'
      readonly changes: number
      readonly unknown: number
      readonly unreadable: number
      readonly hosts: readonly string[]
    }
  | { readonly kind: 'failed'; readonly why: string; readonly hint: string }
