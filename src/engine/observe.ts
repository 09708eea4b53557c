// Reads a look: asks for what it needs, round by round, together with what the rest of the lane will need.
import type { Fact, HostRef, Seen } from '../model/fact.js'
import type { LeaderRule } from '../model/graph.js'
import type { HostName } from '../model/host.js'
import type { Look, Sight } from '../model/look.js'
import { createFetch, type Wanted } from './batch.js'
import type { Glance, Memory } from './memory.js'
import { operator, type Ports } from './ports.js'

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

export const createObserver = (context: { memory: Memory; ports: Ports; rule: LeaderRule }): Observer => {
  const { memory, ports, rule } = context
  const fetch = createFetch(memory, ports)

  const sightOf = (host: HostName, glance: Glance): Sight => ({
    get: <V>(fact: Fact<V>) => {
      const target = targetOf(fact.at, host)
      if (target === undefined) return undefined
      if (typeof target === 'string') return memory.get(target, fact, glance) as Seen<V> | undefined
      return target
    },
  })

  /** The host a fact is asked of; what to answer when there is none; undefined while the leader is not known. */
  const targetOf = (at: HostRef, self: HostName): HostName | Seen<never> | undefined => {
    if (at === 'self') return self
    if (at === 'operator') return operator
    if (typeof at === 'object') return at.host
    const leader = currentLeader()
    if (leader !== null) return leader
    if (rule.founding !== null) return { status: 'unknown', until: rule.founding }
    return { status: 'unreadable', why: 'no healthy master answers' }
  }

  const currentLeader = (): HostName | null | undefined => {
    for (const host of rule.candidates) {
      const reading = rule.healthy.read(sightOf(host, 0))
      if (reading.status === 'needs') return undefined
      if (reading.status === 'known' && reading.state) return host
    }
    return null
  }

  const leader = async (): Promise<HostName | null> => {
    for (let round = 0; round < mostRounds; round += 1) {
      const current = currentLeader()
      if (current !== undefined) return current
      await fetch(
        rule.candidates.flatMap((host) => needs(host, rule.healthy, 0)),
        0,
      )
    }
    throw new Error('the look for a healthy master never ends')
  }

  const needs = (host: HostName, look: Look<unknown>, glance: Glance): readonly Wanted[] => {
    const reading = look.read(sightOf(host, glance))
    if (reading.status !== 'needs') return []
    return reading.facts.flatMap((fact) => {
      const target = targetOf(fact.at, host)
      return typeof target === 'string' ? [{ host: target, fact }] : []
    })
  }

  const wantsLeader = (host: HostName, look: Look<unknown>, glance: Glance): boolean => {
    const reading = look.read(sightOf(host, glance))
    return reading.status === 'needs' && reading.facts.some((fact) => fact.at === 'leader')
  }

  return {
    leader,
    observe: async (look, { host, glance, ahead = [] }) => {
      for (let round = 0; round < mostRounds; round += 1) {
        const reading = look.read(sightOf(host, glance))
        if (reading.status !== 'needs') return reading
        const all = [{ host, look: look as Look<unknown> }, ...ahead]
        // Facts of the leader cannot be addressed before it is known; the others need not wait for that.
        const unresolved = currentLeader() === undefined && all.some((one) => wantsLeader(one.host, one.look, glance))
        await Promise.all([
          fetch(
            all.flatMap((one) => needs(one.host, one.look, glance)),
            glance,
          ),
          ...(unresolved ? [leader()] : []),
        ])
      }
      throw new Error(`a look on ${host} wants more facts after ${mostRounds} rounds`)
    },
  }
}
