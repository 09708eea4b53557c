// Sessions that outlive their connections: one that is lost is made again, with the host's lock, for as long as a restart takes.
import { isOutcomeUnknown, KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { Connector, Session } from '../model/session.js'
import { defaultReconnectLimits, lockPatiently, reconnect, type ReconnectLimits } from './reconnect.js'

export interface LastingOptions {
  readonly connector: Connector
  readonly tell: (host: HostName, note: { readonly level: 'info' | 'warning'; readonly text: string }) => void
  /** The operator wants to stop: a host that is away is not waited for any longer. */
  readonly givesUp: () => boolean
  readonly limits?: Partial<ReconnectLimits>
}

/** A request that is lost this often is left as it is. */
const mostLosses = 3

/**
 * A connector whose sessions connect again by themselves. What may be repeated is asked again; a command is not: it rejects
 * with the unknown outcome, and whoever sent it looks at the host first. A host that does not come back rejects with
 * `ssh.gone` from then on, and one whose lock went to somebody else with `lock.broken`, but it still can be looked at.
 */
export const createLasting = (options: LastingOptions): Connector => {
  const { connector } = options
  const sessions = new Map<HostName, Promise<Session>>()
  const stop = new AbortController()
  const closing = new Set<Promise<void>>()
  const context: Context = {
    ...options,
    limits: { ...defaultReconnectLimits, ...options.limits },
    signal: stop.signal,
    leave: (session) => {
      const closed = session.close('lost').catch(() => undefined)
      closing.add(closed)
      return closed.finally(() => closing.delete(closed))
    },
  }
  return {
    connect: (host) => {
      const session = sessions.get(host) ?? connector.connect(host).then((first) => lasting(context, first))
      sessions.set(host, session)
      session.catch(() => sessions.delete(host))
      return session
    },
    closeAll: async () => {
      stop.abort()
      await Promise.all([connector.closeAll(), ...closing])
    },
  }
}

interface Context extends LastingOptions {
  readonly limits: ReconnectLimits
  readonly signal: AbortSignal
  readonly leave: (session: Session) => Promise<void>
}

const lasting = (context: Context, first: Session): Session => {
  const { connector, tell, limits, signal, givesUp } = context
  const { host } = first
  let live: Session | null = first
  let current: Promise<Session> = Promise.resolve(first)
  let owner: string | null = null
  let broken: KhactlError | null = null
  let earlierTrips = 0

  const again = async (lost: Session): Promise<Session> => {
    const started = performance.now()
    await context.leave(lost)
    const made = await reconnect({ host, owner, connect: () => connector.connect(host), limits, signal, givesUp })
    live = made.session
    broken ??= made.broken
    const took = Math.ceil((performance.now() - started) / 1000)
    if (made.broken) tell(host, { level: 'warning', text: made.broken.message })
    else tell(host, { level: 'info', text: `connected again after ${took} s` })
    return made.session
  }
  const drop = (lost: Session, { message }: Error): void => {
    earlierTrips += lost.roundTrips()
    live = null
    tell(host, { level: 'warning', text: `${message}; connecting again` })
    current = again(lost)
    // Whoever asks next is told.
    current.catch(() => undefined)
  }

  /** On the connection there is; a lost one is dropped, unless another request of the same did that already. */
  const attempt = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const mine = current
    const session = await mine
    try {
      return await work(session)
    } catch (error) {
      if (isLoss(error) && mine === current && !signal.aborted) drop(session, error)
      throw error
    }
  }
  const repeatedly = async <T>(work: (session: Session) => Promise<T>, may: 'repeat' | 'not repeat'): Promise<T> => {
    for (let losses = 1; ; losses += 1) {
      try {
        return await attempt(work)
      } catch (error) {
        const isHarmless = may === 'repeat' || (error instanceof KhactlError && error.code === unsent)
        if (!isLoss(error) || !isHarmless || losses >= mostLosses || signal.aborted) throw error
      }
    }
  }

  return {
    host,
    request: (channel, asked) =>
      repeatedly(
        (session) => {
          if (broken && asked.repeat !== 'look') return Promise.reject(broken)
          return session.request(channel, asked)
        },
        asked.repeat === undefined ? 'not repeat' : 'repeat',
      ),
    lock: async (name, manner) => {
      const result = await repeatedly(
        (session) => lockPatiently(session, { owner: name, manner, limits, signal }),
        'repeat',
      )
      if (result.kind === 'held') owner = name
      return result
    },
    roundTrips: () => earlierTrips + (live?.roundTrips() ?? 0),
    close: async () => (await current.catch(() => null))?.close(),
  }
}

/** Never left this machine: sending it again is no repetition. */
const unsent = 'ssh.unsent'
const isLoss = (error: unknown): error is KhactlError =>
  isOutcomeUnknown(error) || (error instanceof KhactlError && error.code === unsent)
