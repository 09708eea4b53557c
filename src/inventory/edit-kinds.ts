// What can be edited in an inventory: a host comes, is marked as leaving, or is gone.
import type { ListName } from './schema/inventory.js'
import type { SshEntry } from './schema/ssh.js'

/** As the schema of an entry has it. */
export interface NewHost {
  readonly name: string
  readonly address: string
  readonly nodeIP?: string | undefined
  readonly interface?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly taints?: readonly string[] | undefined
  readonly ssh?: SshEntry | undefined
}

export type Edit =
  | { readonly kind: 'add'; readonly list: ListName; readonly host: NewHost }
  /** In every list, unless one is named. `state`: absent; a host that is marked dead stays so unless it is given. */
  | {
      readonly kind: 'mark-absent'
      readonly host: string
      readonly list?: ListName | undefined
      readonly state?: 'absent' | 'dead' | undefined
    }
  /** Deletes the host's entries that are marked absent or dead, with the comments that belong to them alone. */
  | { readonly kind: 'forget'; readonly host: string }
