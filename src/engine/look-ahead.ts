// A first look: every host for everything that is known to be needed of it, so that one without changes costs one request a host.
import type { Graph } from '../model/graph.js'
import type { HostName } from '../model/host.js'
import { together, type Look } from '../model/look.js'
import type { Observer } from './observe.js'
import type { Pace } from './pace.js'

type Looks = ReadonlyMap<HostName, readonly Look<unknown>[]>

export interface LookAhead {
  /**
   * Hosts name what they need in turns, and a look of one may ask others: those are asked once they have named all of their
   * own. undefined once all have been looked at.
   */
  readonly hold: (host: HostName) => Promise<void> | undefined
  readonly look: (by: { readonly observer: Observer; readonly pace: Pace; readonly looks: Looks }) => Promise<void>
}

/** The looks of all steps, by host. */
export const looksOf = ({ stages }: Graph): Looks => {
  const looks = new Map<HostName, Look<unknown>[]>()
  for (const { lanes } of stages)
    for (const { host, steps } of lanes) {
      const own = looks.get(host) ?? []
      for (const { look, knownBy } of steps) if (knownBy === undefined) own.push(look)
      looks.set(host, own)
    }
  return looks
}

/** `hosts`: of whom looks will come. */
export const createLookAhead = (hosts: Iterable<HostName>): LookAhead => {
  const naming = new Map<HostName, Promise<void>>()
  const named = new Map<HostName, () => void>()
  for (const host of hosts) naming.set(host, new Promise((resolve) => named.set(host, resolve)))
  let isOver = false
  return {
    hold: (host) => (isOver ? undefined : naming.get(host)),
    look: async ({ observer, pace, looks }) => {
      for (const [host, isNamed] of named) if (!looks.has(host)) isNamed()
      await Promise.all(
        [...looks].map(async ([host, own]) => {
          await pace()
          const seen = observer.observe(together(own), { host, glance: 0 })
          named.get(host)?.()
          await seen
        }),
      )
      isOver = true
    },
  }
}
