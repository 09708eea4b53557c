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

/** By the facts' keys. */
export type Told = ReadonlyMap<string, Seen<unknown>>

/** By host; they are in memory too, for as long as they may be believed there. */
export type Answers = ReadonlyMap<HostName, Told>

export type Fetch = (wanted: readonly Wanted[], glance: Glance) => Promise<Answers>

/** What goes out to a host with the next request. One promise serves all of it: of a thousand hosts there are very many facts. */
interface Batch {
  readonly wanted: { readonly fact: Fact<unknown>; readonly glance: Glance; readonly question: string }[]
  readonly told: Promise<Told>
  readonly tell: (told: Told) => void
}

interface Line {
  waiting: Batch | null
  busy: boolean
}

/** `hold`: what a host is asked waits for this, so that more may ride along; undefined once commands may run. */
export const createFetch = (
  { memory, ports }: { readonly memory: Memory; readonly ports: Ports },
  hold: (host: HostName) => Promise<void> | undefined = () => undefined,
): Fetch => {
  const lines = new Map<string, Line>()
  const underWay = new Map<string, Promise<Told>>()

  const flush = async (host: HostName, channel: ChannelName, line: Line): Promise<void> => {
    await hold(host)
    for (let batch = line.waiting; batch !== null; batch = line.waiting) {
      line.waiting = null
      const ages = memory.ages(host)
      const seen = await ports.ask({ host, channel, facts: batch.wanted.map(({ fact }) => fact) })
      const told = new Map<string, Seen<unknown>>()
      for (const { fact, glance, question } of batch.wanted) {
        const answer = seen.get(fact.key) ?? { status: 'unreadable' as const, why: `${fact.kind.name}: no answer` }
        memory.set(host, fact, { seen: answer, glance, ...ages })
        told.set(fact.key, answer)
        underWay.delete(question)
      }
      batch.tell(told)
    }
    line.busy = false
  }

  const enqueue = (
    { host, fact }: Wanted,
    of: { readonly glance: Glance; readonly question: string },
  ): Promise<Told> => {
    const isOfCluster = fact.kind.stays === 'world' && fact.at === 'leader'
    // Before any command runs a leader's own shell has time: no second one need be opened for the facts of the cluster.
    const isIdle = hold(host) !== undefined
    const channel: ChannelName = isOfCluster && !isIdle ? 'cluster' : 'own'
    const name = `${host}\u0000${channel}`
    const line = lines.get(name) ?? { waiting: null, busy: false }
    lines.set(name, line)
    line.waiting ??= emptyBatch()
    line.waiting.wanted.push({ fact, ...of })
    if (!line.busy) {
      line.busy = true
      setImmediate(() => void flush(host, channel, line))
    }
    return line.waiting.told
  }

  const toldOf = (one: Wanted, glance: Glance): Promise<Told> => {
    const question = memory.questionKey(one.host, one.fact, glance)
    const running = underWay.get(question)
    if (running) return running
    const asked = enqueue(one, { glance, question })
    underWay.set(question, asked)
    return asked
  }

  return async (wanted, glance) => {
    const asked = new Map<Promise<Told>, Wanted[]>()
    for (const one of wanted) {
      const told = toldOf(one, glance)
      const same = asked.get(told)
      if (same === undefined) asked.set(told, [one])
      else same.push(one)
    }
    const answers = new Map<HostName, Map<string, Seen<unknown>>>()
    for (const [telling, all] of asked) {
      const told = await telling
      for (const { host, fact } of all) {
        const ofHost = answers.get(host) ?? new Map<string, Seen<unknown>>()
        answers.set(host, ofHost)
        const seen = told.get(fact.key)
        if (seen !== undefined) ofHost.set(fact.key, seen)
      }
    }
    return answers
  }
}

const emptyBatch = (): Batch => {
  let tell!: (told: Told) => void
  const told = new Promise<Told>((resolve) => (tell = resolve))
  return { wanted: [], told, tell }
}
