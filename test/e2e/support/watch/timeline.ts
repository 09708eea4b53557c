// What was seen on the hosts, second by second: the only thing that judgements are made from.

export interface BackendServer {
  readonly server: string
  readonly up: boolean
}

export interface EndpointSample {
  readonly kind: 'endpoint'
  readonly host: string
  /** Milliseconds since 1970, by the one clock that all hosts of the lab share. */
  readonly at: number
  readonly holdsVip: boolean
  /** Servers of the API's backend; null: haproxy did not answer. */
  readonly servers: readonly BackendServer[] | null
}

export interface Member {
  /** Empty until it starts for the first time. */
  readonly name: string
  readonly address: string
}

export interface MasterSample {
  readonly kind: 'master'
  readonly host: string
  readonly address: string
  readonly at: number
  /** The static pod's manifest is there. */
  readonly installed: boolean
  /** Its API server's own /readyz. */
  readonly ready: boolean
  /** etcd's members as this host's etcd tells them; null: it did not answer. */
  readonly members: readonly Member[] | null
}

export type Sample = EndpointSample | MasterSample

/** In order of time. */
export type Timeline = readonly Sample[]

export interface Finding {
  readonly rule: string
  readonly what: string
  readonly from: number
  readonly to: number
}

/** A host that was not heard of for longer is down, or not there yet. */
export const silenceMs = 3500

export const endpointsOf = (timeline: Timeline): readonly EndpointSample[] =>
  timeline.filter((sample) => sample.kind === 'endpoint')
export const mastersOf = (timeline: Timeline): readonly MasterSample[] =>
  timeline.filter((sample) => sample.kind === 'master')

/** The host's sample nearest to a moment; null: none near enough. */
export const near = <S extends Sample>(
  samples: readonly S[],
  { host, at }: { readonly host: string; readonly at: number },
): S | null => {
  const own = samples.filter((sample) => sample.host === host && Math.abs(sample.at - at) <= silenceMs)
  return own.reduce<S | null>(
    (best, one) => (best === null || Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best),
    null,
  )
}

export interface Sighting {
  readonly what: string
  readonly at: number
  readonly wrong: boolean
}

/** For each thing, the times from its first wrong sighting to its last before a right one, or before silence. */
export const stretches = (sightings: readonly Sighting[]): readonly Omit<Finding, 'rule'>[] => {
  const open = new Map<string, { what: string; from: number; to: number }>()
  const done: Omit<Finding, 'rule'>[] = []
  for (const { what, at, wrong } of sightings.toSorted((a, b) => a.at - b.at)) {
    const one = open.get(what)
    const goesOn = one !== undefined && wrong && at - one.to <= silenceMs
    if (goesOn) one.to = at
    else {
      if (one !== undefined) done.push(one)
      open.delete(what)
      if (wrong) open.set(what, { what, from: at, to: at })
    }
  }
  return [...done, ...open.values()].toSorted((a, b) => a.from - b.from)
}
