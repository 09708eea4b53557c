// The only place that wires things: sessions, the questions asked through them, and the commands sent.
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createPace, type Pace } from '../engine/pace.js'
import type { Ports, Question, Send } from '../engine/ports.js'
import { question, type Manner } from '../facts/ask.js'
import { shown, type Secret } from '../model/command.js'
import { KhactlError } from '../model/error.js'
import type { Emit } from '../model/event.js'
import { unreadable, type Fact, type Seen } from '../model/fact.js'
import { operator, type HostName } from '../model/host.js'
import type { Answer, Connector, Session } from '../model/session.js'
import { localSession } from '../transport/local.js'

export interface Wires {
  readonly ports: Ports
  readonly send: Send
  /** The host's session, opened at the first call; a host that could not be reached is not tried again in this run. */
  session(host: HostName): Promise<Session>
  /** Requests made after login, by host. */
  roundTrips(): Promise<Readonly<Record<string, number>>>
}

export const compose = (input: {
  readonly connector: Connector
  readonly emit: Emit
  readonly hide: (secret: Secret) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the operator stops the run: what only waits waits no longer. */
  readonly stop: AbortSignal
}): Wires => {
  const { connector, emit, stop } = input
  const local = localSession(operator, input.env)
  const sessions = new Map<HostName, Promise<Session>>([[operator, Promise.resolve(local)]])
  const session = (host: HostName): Promise<Session> => {
    const opened = sessions.get(host) ?? connector.connect(host)
    sessions.set(host, opened)
    return opened
  }
  const pace = createPace()
  return {
    session,
    roundTrips: async () => {
      const settled = await Promise.allSettled(sessions.values())
      const reached = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      return Object.fromEntries(
        reached.filter(({ host }) => host !== operator).map((one) => [one.host, one.roundTrips()]),
      )
    },
    ports: {
      ask: (asked) => ask(asked, { session, pace }),
      emit,
      now: () => performance.now(),
      wait: (ms) => (stop.aborted ? wait(ms) : wait(ms, undefined, { signal: stop }).catch(() => undefined)),
    },
    send: async (host, command, options) => {
      const started = performance.now()
      const leaves = options.interrupt === 'leave'
      if (leaves && stop.aborted) throw interruptedError(host)
      for (const one of options.secrets ?? []) input.hide(one)
      emit({ type: 'command', host, command: shown(command) })
      const answer = await (
        await session(host)
      ).request('own', {
        script: options.anew ?? command,
        within: options.within ?? 60_000,
        ...(options.stdin ? { stdin: options.stdin } : {}),
        ...(leaves ? { stop } : {}),
        ...(options.repeat ? { repeat: options.repeat } : {}),
        onLine: (line) => {
          options.onLine?.(line)
          if (options.output !== 'secret') emit({ type: 'output', host, line })
        },
      })
      emit({
        type: 'command-ended',
        host,
        status: answer.status,
        tookMs: performance.now() - started,
        tail: answer.status === 0 || options.output === 'secret' ? [] : lastLines(answer),
      })
      if (leaves && stop.aborted && answer.status === endedStatus) throw interruptedError(host)
      return answer
    },
  }
}

/** Of a script that was ended by its host. */
const endedStatus = 124

const interruptedError = (host: HostName): KhactlError =>
  new KhactlError('run.interrupted', { message: `no longer waited for on ${host}`, exit: 'interrupted' })

const ask = async (
  { host, channel, facts, behind }: Question,
  { session, pace }: { readonly session: (host: HostName) => Promise<Session>; readonly pace: Pace },
): Promise<ReadonlyMap<string, Seen<unknown>>> => {
  const asked = async (rest: readonly Fact<unknown>[], manner: Manner) => {
    const { script, within, read } = question(rest, { nonce: `khactl-${randomBytes(12).toString('hex')}`, manner })
    const way = await session(host)
    const from = Date.now()
    const answer = await way.request(channel, {
      ...{ script, within, repeat: 'look' },
      ...(behind && manner === 'together' ? { behind } : {}),
    })
    const span = { from, to: Date.now() }
    await pace()
    return read(answer, span)
  }
  try {
    const seen = await asked(facts, 'together')
    const rest = facts.filter(({ key }) => !seen.has(key))
    return rest.length === 0 ? seen : new Map([...seen, ...(await asked(rest, 'apart'))])
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const fatal = error instanceof KhactlError && error.code === 'lock.broken' ? error : undefined
    return new Map(facts.map(({ key }) => [key, unreadable(why, fatal)]))
  }
}

const lastLines = (answer: Answer): readonly string[] =>
  `${answer.stdout.toString('utf8')}\n${answer.stderr.toString('utf8')}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-20)
