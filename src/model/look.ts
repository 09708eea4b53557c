// Looking is data: a look names the facts it needs, so the engine can collect the facts of many steps into one request.
import type { Fact, Seen } from './fact.js'

export interface Sight {
  /** What is known of the fact; undefined: it was not asked yet. */
  get<V>(fact: Fact<V>): Seen<V> | undefined
}

export type Reading<S> = Seen<S> | { readonly status: 'needs'; readonly facts: readonly Fact<unknown>[] }

/** Pure. On an empty sight it lists the facts it needs. */
export interface Look<S> {
  readonly read: (sight: Sight) => Reading<S>
}

export const see = <V>(fact: Fact<V>): Look<V> => ({
  read: (sight) => sight.get(fact) ?? { status: 'needs', facts: [fact] },
})

export const always = <S>(state: S): Look<S> => ({ read: () => ({ status: 'known', state }) })

export const map = <S, T>(look: Look<S>, change: (state: S) => T): Look<T> => ({
  read: (sight) => {
    const reading = look.read(sight)
    return reading.status === 'known' ? { status: 'known', state: change(reading.state) } : reading
  },
})

/** All looks at once; needs are joined, then the first that cannot be told decides. */
export const each = <S>(looks: readonly Look<S>[]): Look<readonly S[]> => ({
  read: (sight) => {
    const readings = looks.map((look) => look.read(sight))
    const facts = readings.flatMap((reading) => (reading.status === 'needs' ? reading.facts : []))
    if (facts.length > 0) return { status: 'needs', facts }
    const blind =
      readings.find((reading) => reading.status === 'unreadable') ??
      readings.find((reading) => reading.status === 'unknown')
    if (blind) return blind
    return { status: 'known', state: readings.map((reading) => (reading as { readonly state: S }).state) }
  },
})

/** Like each, by name. */
export const all = <T extends Readonly<Record<string, unknown>>>(looks: {
  readonly [K in keyof T]: Look<T[K]>
}): Look<T> => {
  const names = Object.keys(looks)
  return map(
    each(names.map((name) => looks[name] as Look<unknown>)),
    (states) => Object.fromEntries(names.map((name, index) => [name, states[index]])) as T,
  )
}

/** One look decides which other is meant; until it has, all cases are asked with it, so it costs no further request. */
export const choose = <S, T>(
  look: Look<S>,
  options: { readonly cases: Readonly<Record<string, Look<T>>>; readonly pick: (state: S) => string },
): Look<T> => ({
  read: (sight) => {
    const first = look.read(sight)
    if (first.status === 'needs') {
      const readings = [first, ...Object.values(options.cases).map((one) => one.read(sight))]
      return { status: 'needs', facts: readings.flatMap((one) => (one.status === 'needs' ? one.facts : [])) }
    }
    if (first.status !== 'known') return first
    const name = options.pick(first.state)
    const chosen = options.cases[name]
    if (!chosen) throw new Error(`choose: no case named ${name}`)
    return chosen.read(sight)
  },
})

/** For what cannot be listed before; costs one more request a host, shared by all its steps. */
export const chain = <S, T>(look: Look<S>, next: (state: S) => Look<T>): Look<T> => ({
  read: (sight) => {
    const reading = look.read(sight)
    return reading.status === 'known' ? next(reading.state).read(sight) : reading
  },
})

/** Known once nothing is needed for any of them any more, whatever that is. */
export const together = (looks: readonly Look<unknown>[]): Look<null> => ({
  read: (sight) => {
    const facts = looks.flatMap((look) => {
      const reading = look.read(sight)
      return reading.status === 'needs' ? reading.facts : []
    })
    return facts.length > 0 ? { status: 'needs', facts } : { status: 'known', state: null }
  },
})

/** Makes "could not be told" a state, for checks that report it as such. */
export const attempt = <S>(look: Look<S>): Look<Seen<S>> => ({
  read: (sight) => {
    const reading = look.read(sight)
    return reading.status === 'needs' ? reading : { status: 'known', state: reading }
  },
})

/** Without probes that disturb or wait: what they would tell is not told, for that reason. */
export const unprobed = <S>(look: Look<S>, why: string): Look<S> => ({
  read: (sight) =>
    look.read({ get: (fact) => (fact.kind.cost === 'active' ? { status: 'unreadable', why } : sight.get(fact)) }),
})
