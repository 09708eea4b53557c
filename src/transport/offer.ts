// What can be offered to a server in a login, and what it takes to make the offer.
import type { AnyAuthMethod } from 'ssh2'

/** Runs a question to the operator; no deadline runs meanwhile. */
export type WhileAsking = <T>(work: () => Promise<T>) => Promise<T>

export interface Offer {
  readonly kind: 'key' | 'password'
  /** Names of the methods by which a server may take it. */
  readonly means: readonly string[]
  /** `SHA256:… (/root/.ssh/id_ed25519)` */
  readonly label: string
  /** null: it cannot be made, and `trouble` has the reason. May ask the operator. */
  method(turn: {
    /** What the server takes now; empty: it did not say yet. */
    readonly methods: readonly string[]
    readonly whileAsking: WhileAsking
    readonly trouble: string[]
  }): Promise<AnyAuthMethod | null>
  /** The server did not take it. */
  refused?(): void
}

export interface Offers {
  readonly offers: readonly Offer[]
  /** Why configured keys are not among them; for the error, should the offers be refused. */
  readonly problems: readonly string[]
}
