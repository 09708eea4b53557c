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

/** An answer of an active kind, as it is handed on to another memory. */
export interface Probe {
  readonly host: HostName
  readonly fact: Fact<unknown>
  readonly seen: Seen<unknown>
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
  /** What probes that disturb or wait have told, and is still believed. */
  probes(): readonly Probe[]
}

/** `probes`: told to an earlier memory, lately, and believed until a command runs. */
export const createMemory = (probes: readonly Probe[] = []): Memory => {
  const entries = new Map<HostName, Map<string, Entry>>()
  const probed = new Map<string, Probe>()
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
  const set: Memory['set'] = (host, fact, entry) => {
    const ofHost = entries.get(host) ?? new Map<string, Entry>()
    entries.set(host, ofHost.set(fact.key, entry))
    if (fact.kind.cost === 'active') probed.set(keyOf(host, fact), { host, fact, seen: entry.seen })
  }
  const get: Memory['get'] = (host, fact, glance) => {
    const entry = entries.get(host)?.get(fact.key)
    return entry && believed(entry, ages(host), { fact, glance }) ? entry.seen : undefined
  }
  for (const { host, fact, seen } of probes) set(host, fact, { seen, glance: 0, ...ages(host) })
  return {
    get,
    set,
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
    probes: () =>
      [...probed.values()].filter(
        ({ host, fact, seen }) => seen.status === 'known' && get(host, fact, glances) !== undefined,
      ),
  }
}
