// Collects the facts that many steps want of one host into one request, while another is under way.
import type { Fact, Seen } from '../model/fact.js'
import type { HostName } from '../model/host.js'
import type { ChannelName } from '../model/session.js'
import type { Glance, Memory } from './memory.js'
import type { Ports } from './ports.js'

export interface Wanted {
  readonly host: HostName
  readonly fact: Fact<unknown>
}

/** Answers by `answerKey`; they are in memory too, for as long as they may be believed there. */
export type Answers = ReadonlyMap<string, Seen<unknown>>
export const answerKey = (host: HostName, { key }: Fact<unknown>): string => `${host}\u0000${key}`

export type Fetch = (wanted: readonly Wanted[], glance: Glance) => Promise<Answers>

interface Line {
  waiting: { readonly fact: Fact<unknown>; readonly glance: Glance; readonly done: (seen: Seen<unknown>) => void }[]
  busy: boolean
}

/** `hold`: what a host is asked waits for this, so that more may ride along; undefined once commands may run. */
export const createFetch = (
  { memory, ports }: { readonly memory: Memory; readonly ports: Ports },
  hold: (host: HostName) => Promise<void> | undefined = () => undefined,
): Fetch => {
  const lines = new Map<string, Line>()
  const underWay = new Map<string, Promise<Seen<unknown>>>()

  const flush = async (host: HostName, channel: ChannelName, line: Line): Promise<void> => {
    await hold(host)
    while (line.waiting.length > 0) {
      const batch = line.waiting
      line.waiting = []
      const ages = memory.ages(host)
      const seen = await ports.ask({ host, channel, facts: batch.map(({ fact }) => fact) })
      for (const { fact, glance, done } of batch) {
        const answer = seen.get(fact.key) ?? { status: 'unreadable' as const, why: `${fact.kind.name}: no answer` }
        memory.set(host, fact, { seen: answer, glance, ...ages })
        done(answer)
      }
    }
    line.busy = false
  }

  const enqueue = ({ host, fact }: Wanted, glance: Glance): Promise<Seen<unknown>> => {
    const isOfCluster = fact.kind.stays === 'world' && fact.at === 'leader'
    // Before any command runs a leader's own shell has time: no second one need be opened for the facts of the cluster.
    const isIdle = hold(host) !== undefined
    const channel: ChannelName = isOfCluster && !isIdle ? 'cluster' : 'own'
    const name = `${host}\u0000${channel}`
    const line = lines.get(name) ?? { waiting: [], busy: false }
    lines.set(name, line)
    return new Promise((done) => {
      line.waiting.push({ fact, glance, done })
      if (line.busy) return
      line.busy = true
      setImmediate(() => void flush(host, channel, line))
    })
  }

  const seenOf = (one: Wanted, glance: Glance): Promise<Seen<unknown>> => {
    const key = memory.questionKey(one.host, one.fact, glance)
    const running = underWay.get(key)
    if (running) return running
    const asked = enqueue(one, glance).finally(() => underWay.delete(key))
    underWay.set(key, asked)
    return asked
  }

  return async (wanted, glance) => {
    const seen = await Promise.all(
      wanted.map(async (one) => [answerKey(one.host, one.fact), await seenOf(one, glance)] as const),
    )
    return new Map(seen)
  }
}
