// What was seen, and for how long it may be believed. The writer ages it before and after every command.
import type { Fact, Seen } from '../model/fact.js'
import type { HostName } from '../model/host.js'

/** Identifies one look of a gate; a `moment` fact is believed only within the look that asked for it. */
export type Glance = number

export interface Ages {
  readonly host: number
  readonly world: number
}

interface Entry extends Ages {
  readonly seen: Seen<unknown>
  readonly glance: Glance
}

export interface Memory {
  get(host: HostName, fact: Fact<unknown>, glance: Glance): Seen<unknown> | undefined
  set(host: HostName, fact: Fact<unknown>, entry: Entry): void
  ages(host: HostName): Ages
  /** A command runs or ran on the host: its facts and the world's are no longer true. */
  age(host: HostName): void
  /** A new glance: moments seen before it do not count. */
  glance(): Glance
  /** Key under which an equal question asked now would be the same question. */
  questionKey(host: HostName, fact: Fact<unknown>, glance: Glance): string
}

export const createMemory = (): Memory => {
  const entries = new Map<string, Entry>()
  const hostAges = new Map<HostName, number>()
  let worldAge = 0
  let glances = 0
  const keyOf = (host: HostName, fact: Fact<unknown>): string => `${host}\u0000${fact.key}`
  const ages = (host: HostName): Ages => ({ host: hostAges.get(host) ?? 0, world: worldAge })
  const believed = (entry: Entry, now: Ages, { fact, glance }: { fact: Fact<unknown>; glance: Glance }): boolean => {
    switch (fact.kind.stays) {
      case 'forever':
        return entry.seen.status === 'known' || entry.host === now.host
      case 'host':
        return entry.host === now.host
      case 'world':
        return entry.world === now.world
      case 'moment':
        return entry.world === now.world && entry.glance >= glance
    }
  }
  return {
    get: (host, fact, glance) => {
      const entry = entries.get(keyOf(host, fact))
      return entry && believed(entry, ages(host), { fact, glance }) ? entry.seen : undefined
    },
    set: (host, fact, entry) => void entries.set(keyOf(host, fact), entry),
    ages,
    age: (host) => {
      hostAges.set(host, (hostAges.get(host) ?? 0) + 1)
      worldAge += 1
    },
    glance: () => (glances += 1),
    questionKey: (host, fact, glance) => {
      const now = ages(host)
      const part = { forever: '', host: now.host, world: now.world, moment: `${now.world}/${glance}` }[fact.kind.stays]
      return `${keyOf(host, fact)}\u0000${part}`
    },
  }
}
