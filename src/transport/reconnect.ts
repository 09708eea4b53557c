// A lost connection made again: for as long as a host takes to restart, and with the run's lock on it.
import { setTimeout as wait } from 'node:timers/promises'
import { KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { LockManner, LockResult, Ms, Session } from '../model/session.js'

export interface ReconnectLimits {
  /** How long a host may be away of which this run holds the lock: something is under way there. */
  readonly within: Ms
  /** Before that: a plan need not wait for a restart. */
  readonly withinUnlocked: Ms
  /** Before the second, third, … try; the last one again and again. */
  readonly pauses: readonly Ms[]
  /** After a refused login: a host that starts refuses everybody but root, and a server counts refusals against us. */
  readonly afterRefusal: Ms
  /** How long the shell of the lost connection may hold the lock: until it notices, and has ended what it ran. */
  readonly lockWithin: Ms
  readonly lockEvery: Ms
}

/** A server restarts in three minutes; a host that takes longer needs somebody to look at it. */
export const defaultReconnectLimits: ReconnectLimits = {
  within: 180_000,
  withinUnlocked: 10_000,
  pauses: [200, 1000, 2000, 4000],
  afterRefusal: 10_000,
  lockWithin: 60_000,
  lockEvery: 500,
}

export interface Reconnect {
  readonly host: HostName
  readonly connect: () => Promise<Session>
  /** Of the lock that was held; null: none was. */
  readonly owner: string | null
  readonly limits: ReconnectLimits
  readonly signal: AbortSignal
  readonly givesUp: () => boolean
}

export interface Reconnected {
  readonly session: Session
  /** Why nothing may be changed there any more; null: the lock is held, or was not. */
  readonly broken: KhactlError | null
}

/** Rejects with `ssh.gone` when the host does not come back, with `ssh.host-key`, `ssh.sudo` or `ssh.closed` at once. */
export const reconnect = async (of: Reconnect): Promise<Reconnected> => {
  const { limits, signal } = of
  const end = performance.now() + withinOf(of)
  for (let tries = 0; ; tries += 1) {
    let session: Session | null = null
    try {
      session = await of.connect()
      return { session, broken: of.owner === null ? null : await lockAgain(session, { ...of, owner: of.owner }) }
    } catch (error) {
      await session?.close()
      if (!(error instanceof KhactlError) || final.has(error.code)) throw error
      if (of.givesUp() || performance.now() >= end) throw gone(of, error)
      const pause = refused.has(error.code) ? limits.afterRefusal : (limits.pauses[tries] ?? limits.pauses.at(-1) ?? 0)
      await wait(pause, undefined, { signal }).catch(() => {
        throw gone(of, error)
      })
    }
  }
}

const withinOf = ({ owner, limits }: Reconnect): Ms => (owner === null ? limits.withinUnlocked : limits.within)

/** Another key is another host, and somebody must say that it may be. A sudo password that is refused is not sent again. */
const final: ReadonlySet<string> = new Set(['ssh.host-key', 'ssh.sudo', 'ssh.closed'])
const refused: ReadonlySet<string> = new Set(['ssh.auth'])

const lockAgain = async (session: Session, of: Reconnect & { readonly owner: string }): Promise<KhactlError | null> => {
  const result = await lockPatiently(session, { ...of, manner: 'again' })
  if (result.kind === 'held') return null
  return new KhactlError('lock.broken', {
    message: `${of.host}: while the connection was lost, the lock of this run went to ${result.owner}`,
    exit: 'locked',
    hint: 'Nothing more is changed there by this run. Find out who works on this cluster, then run the same command again.',
  })
}

/** Our own name on it is the shell of a connection that was lost: it goes as soon as it hears that nobody speaks to it. */
export const lockPatiently = async (
  session: Session,
  of: {
    readonly owner: string
    readonly manner: LockManner
    readonly limits: ReconnectLimits
    readonly signal: AbortSignal
  },
): Promise<LockResult> => {
  const end = performance.now() + of.limits.lockWithin
  for (;;) {
    const result = await session.lock(of.owner, of.manner)
    if (result.kind === 'held' || result.owner !== of.owner || performance.now() >= end || of.signal.aborted)
      return result
    await wait(of.limits.lockEvery, undefined, { signal: of.signal }).catch(() => undefined)
  }
}

const gone = (of: Reconnect, last: KhactlError): KhactlError =>
  new KhactlError('ssh.gone', {
    message: `${of.host}: the connection was lost and could not be made again within ${Math.round(withinOf(of) / 1000)} s: ${last.message}`,
    exit: last.details.exit,
    hint: last.details.hint ?? 'Look at the host, then run the same command again: khactl goes on from what it finds.',
    cause: last,
  })
