// What can be known of a host with one read-only command, and how long the answer stays true.
import type { KhactlError } from './error.js'
import type { ReadOnly } from './command.js'
import type { HostName } from './host.js'
import type { Ms } from './session.js'

/** Unique within its host's lanes: `file:/etc/hosts`, `package:haproxy`. */
export type StepId = string

export type Seen<S> =
  | { readonly status: 'known'; readonly state: S }
  /** Cannot be known before that step of the plan ran. Legal in a plan only. */
  | { readonly status: 'unknown'; readonly until: StepId }
  /** Looked and could not tell: API down, permission, timeout. Never the same as "absent". */
  | {
      readonly status: 'unreadable'
      readonly why: string
      /** It will never be read in this run: the lock of the host was taken away. */
      readonly fatal?: KhactlError
    }

export const known = <S>(state: S): Seen<S> => ({ status: 'known', state })
export const unreadable = (why: string, fatal?: KhactlError): Seen<never> => ({
  status: 'unreadable',
  why,
  ...(fatal ? { fatal } : {}),
})

/** The bytes one section of a script printed, and its exit status (124: its time ran out). */
export interface Section {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly status: number
  /** When the question went out and its answer was here, by this machine's clock; absent: nobody noted it. */
  readonly span?: Span
}

/** Milliseconds since 1970. */
export interface Span {
  readonly from: Ms
  readonly to: Ms
}

/**
 * How long an answer may be served from memory: `host` until a command ran on that host, `world` until one ran anywhere,
 * `moment` never to a gate that changes things, `forever` when the argument names the content.
 */
export type Stays = 'host' | 'world' | 'moment' | 'forever'

export interface Kind<A, V> {
  readonly name: string
  readonly stays: Stays
  /** `active` kinds disturb or wait (ARP, VRRP listening, connects): asked only where a pending change makes them matter. */
  readonly cost: 'cheap' | 'active'
  /** Time the host gives one section of this kind. */
  readonly within: Ms
  /** One command for all arguments of the kind. */
  ask(args: readonly A[]): ReadOnly
  /** Pure; as many answers as arguments, in their order. */
  tell(section: Section, args: readonly A[]): readonly Seen<V>[]
}

/** Of whom a fact is asked. `leader`: the first healthy master at that moment; `operator`: the machine khactl runs on. */
export type HostRef = 'self' | 'leader' | 'operator' | { readonly host: HostName }

export interface Fact<V> {
  readonly kind: Kind<never, V>
  readonly arg: unknown
  readonly at: HostRef
  /** Names kind and argument; the same for equal facts. */
  readonly key: string
}

export const fact = <A, V>(kind: Kind<A, V>, arg: A, at: HostRef = 'self'): Fact<V> => ({
  kind,
  arg,
  at,
  key: `${kind.name}\u0000${JSON.stringify(arg)}`,
})
