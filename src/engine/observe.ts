// Reads a look: asks for what it needs, round by round, together with what the rest of the lane will need.
import type { Fact, HostRef, Seen } from '../model/fact.js'
import type { LeaderRule } from '../model/graph.js'
import { operator, type HostName } from '../model/host.js'
import type { Look, Sight } from '../model/look.js'
import { createFetch, type Answers, type Wanted } from './batch.js'
import type { Glance, Memory } from './memory.js'
import type { Ports } from './ports.js'

/** A look that still wants facts after this many rounds chains without end. */
const mostRounds = 6

export interface Observer {
  /** `ahead`: looks that will be read soon; their needs ride along and cost no request of their own. */
  observe<S>(look: Look<S>, of: { host: HostName; glance: Glance; ahead?: readonly Ahead[] }): Promise<Seen<S>>
  /** The first candidate that is healthy now; null when none is. */
  leader(): Promise<HostName | null>
}

export interface Ahead {
  readonly host: HostName
  readonly look: Look<unknown>
}

export const createObserver = (context: {
  readonly memory: Memory
  readonly ports: Ports
  readonly rule: LeaderRule
  /** What a host is asked waits for this, so that more may ride along. */
  readonly hold?: (host: HostName) => Promise<void> | undefined
}): Observer => {
  const { memory, ports, rule } = context
  const fetch = createFetch({ memory, ports }, context.hold)

  const sightOf = (host: HostName, { glance, heard }: Hearing): Sight => ({
    get: <V>(fact: Fact<V>) => {
      const target = targetOf(fact.at, { self: host, heard })
      if (target === undefined) return undefined
      if (typeof target !== 'string') return target
      return (heard.get(target)?.get(fact.key) ?? memory.get(target, fact, glance)) as Seen<V> | undefined
    },
  })

  /** The host a fact is asked of; what to answer when there is none; undefined while the leader is not known. */
  const targetOf = (
    at: HostRef,
    { self, heard }: { readonly self: HostName; readonly heard: Heard },
  ): HostName | Seen<never> | undefined => {
    if (at === 'self') return self
    if (at === 'operator') return operator
    if (typeof at === 'object') return at.host
    const leader = currentLeader(heard)
    if (leader !== null) return leader
    if (rule.founding !== null) return { status: 'unknown', until: rule.founding }
    return { status: 'unreadable', why: 'no healthy master answers' }
  }

  const currentLeader = (heard: Heard): HostName | null | undefined => {
    for (const host of rule.candidates) {
      const reading = rule.healthy.read(sightOf(host, { glance: 0, heard }))
      if (reading.status === 'needs') return undefined
      if (reading.status === 'known' && reading.state) return host
    }
    return null
  }

  const resolveLeader = async (heard: Heard): Promise<HostName | null> => {
    for (let round = 0; round < mostRounds; round += 1) {
      const current = currentLeader(heard)
      if (current !== undefined) return current
      const wanted = rule.candidates.flatMap((host) => needs(host, rule.healthy, { glance: 0, heard }))
      hear(heard, await fetch(wanted, 0))
    }
    throw new Error('the look for a healthy master never ends')
  }

  const needs = (host: HostName, look: Look<unknown>, hearing: Hearing): readonly Wanted[] => {
    const reading = look.read(sightOf(host, hearing))
    if (reading.status !== 'needs') return []
    return reading.facts.flatMap((fact) => {
      const target = targetOf(fact.at, { self: host, heard: hearing.heard })
      return typeof target === 'string' ? [{ host: target, fact }] : []
    })
  }

  const wantsLeader = (host: HostName, look: Look<unknown>, hearing: Hearing): boolean => {
    const reading = look.read(sightOf(host, hearing))
    return reading.status === 'needs' && reading.facts.some((fact) => fact.at === 'leader')
  }

  return {
    leader: () => resolveLeader(new Map()),
    observe: async (look, { host, glance, ahead = [] }) => {
      const heard: Heard = new Map()
      const hearing = { glance, heard }
      for (let round = 0; round < mostRounds; round += 1) {
        const reading = look.read(sightOf(host, hearing))
        if (reading.status !== 'needs') return reading
        const all = [{ host, look: look as Look<unknown> }, ...ahead]
        // Facts of the leader cannot be addressed before it is known; the others need not wait for that.
        const unresolved =
          currentLeader(heard) === undefined && all.some((one) => wantsLeader(one.host, one.look, hearing))
        const wanted = all.flatMap((one) => needs(one.host, one.look, hearing))
        const [answers] = await Promise.all([fetch(wanted, glance), ...(unresolved ? [resolveLeader(heard)] : [])])
        hear(heard, answers)
      }
      throw new Error(`a look on ${host} wants more facts after ${mostRounds} rounds`)
    },
  }
}

/**
 * What one look was told since it began. It counts for this look even when a step of another lane ran a command on that
 * host meanwhile and aged what is remembered: else two busy lanes could keep each other looking for ever.
 */
type Heard = Map<HostName, Map<string, Seen<unknown>>>
interface Hearing {
  readonly glance: Glance
  readonly heard: Heard
}

const hear = (heard: Heard, answers: Answers): void => {
  for (const [host, told] of answers) {
    const before = heard.get(host)
    if (before === undefined) heard.set(host, new Map(told))
    else for (const [key, seen] of told) before.set(key, seen)
  }
}
