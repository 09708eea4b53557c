// A host's name and what it was found to be: one union everywhere, decided from live evidence and never from a state file.
declare const hostName: unique symbol
/** The inventory's name of a host, lower-case RFC 1123 label(s); also its Kubernetes node name (R-O5). */
export type HostName = string & { readonly [hostName]: true }

/** The machine khactl runs on, as a host among the others: facts may be asked of it, steps may write there. */
export const operator = 'operator' as HostName

export type HostState =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'half-initialised' }
  | { readonly kind: 'half-joined' }
  | { readonly kind: 'healthy'; readonly role: 'master' | 'worker' }
  | {
      readonly kind: 'broken'
      readonly why: string
      /** Of a master that holds data of etcd: its member knows no leader, or a rebuild of it from this master was cut off. */
      readonly etcd?: 'leaderless' | 'half-rebuilt'
    }
  /** A member of another cluster: never touched. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** A unit of khactl's still runs there. */
  | { readonly kind: 'busy'; readonly unit: string }
  | { readonly kind: 'unreachable'; readonly why: string }

/** Reached and looked at; a host that this command leaves alone was not. */
export const isReached = (observed: ReadonlyMap<HostName, HostState>, host: HostName): boolean =>
  (observed.get(host)?.kind ?? 'unreachable') !== 'unreachable'
