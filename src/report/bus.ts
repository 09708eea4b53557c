// The bus: stamps every event with the time, masks what must not be seen, and hands it to every sink.
import type { Emit, Event } from '../model/event.js'
import type { Ms } from '../model/session.js'
import type { Redactor } from './redact.js'

/** `at`: milliseconds since 1970, set by the bus. */
export type Stamped = Event & { readonly at: Ms }

/** What a sink does with the events that concern it. */
export type Cases<R> = { readonly [T in Event['type']]?: (event: Extract<Stamped, { type: T }>) => R }

export const dispatch = <R>(event: Stamped, cases: Cases<R>): R | undefined =>
  (cases[event.type] as ((event: Stamped) => R) | undefined)?.(event)

export interface Sink {
  readonly name: string
  /** Synchronous. What matters is written when it returns; what is as it should be may wait for some more. */
  take(event: Stamped): void
  /** After the last event; may be called twice. */
  close?(): void
}

export interface Bus {
  readonly emit: Emit
  /** Joins the sinks for the events from now on. */
  add(sink: Sink): void
  close(): void
  /** What sinks threw, by name of the sink; they were not given further events. */
  readonly broken: () => ReadonlyMap<string, unknown>
}

export interface BusOptions {
  readonly now: () => Ms
  readonly sinks: readonly Sink[]
  readonly redact: Redactor
}

/** A sink that throws is left out from then on and never stops the run (a full disk must not stop a join half-way). */
export const createBus = ({ now, sinks, redact }: BusOptions): Bus => {
  const all = [...sinks]
  const broken = new Map<string, unknown>()
  const guarded = (sink: Sink, use: (sink: Sink) => void): void => {
    if (broken.has(sink.name)) return
    try {
      use(sink)
    } catch (error) {
      broken.set(sink.name, error)
    }
  }
  const deliver = (event: Stamped): void => {
    const before = broken.size
    for (const sink of all) guarded(sink, (one) => one.take(event))
    if (broken.size > before) deliver({ ...brokenNote(broken), at: event.at })
  }
  return {
    emit: (event) => deliver({ ...redact.event(event), at: now() }),
    add: (sink) => void all.push(sink),
    close: () => {
      for (const sink of all) guarded(sink, (one) => one.close?.())
    },
    broken: () => broken,
  }
}

const brokenNote = (broken: ReadonlyMap<string, unknown>): Event => {
  const [name, error] = [...broken].at(-1) ?? ['', undefined]
  const why = error instanceof Error ? error.message : String(error)
  return { type: 'note', level: 'warning', text: `The ${name} output stopped: ${why}. The run goes on without it.` }
}
