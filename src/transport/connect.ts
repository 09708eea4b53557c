// From a host's address to a login on it; only what failed before a key was offered is tried again.
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { KhactlError } from '../model/error.js'
import { dial } from './dial.js'
import { DroppedError, handshake, type HandshakeOptions } from './handshake.js'
import type { Link } from './link.js'
import type { Semaphore } from './semaphore.js'
import { sshError, type Place } from './ssh-error.js'

export interface ConnectOptions extends Omit<HandshakeOptions, 'socket' | 'within' | 'alive'> {
  /** Places for handshakes; a TCP connection that nobody answers takes none. */
  readonly handshakes: Semaphore
  readonly limits: Limits
  readonly log: (place: Place, message: string) => void
}

/** Milliseconds. */
export interface Limits {
  readonly dial: number
  readonly handshake: number
  /** For the channel to open and the root shell to say that it is there; sudo may have to ask a name server. */
  readonly shell: number
  /** How often a silent server is asked whether it is there; three questions without an answer, and the connection is lost. */
  readonly alive: number
  /** How long to wait before the second, third, … try; each wait is cut down by up to a half. */
  readonly retries: readonly number[]
}

export const defaultLimits: Limits = {
  dial: 10_000,
  handshake: 20_000,
  shell: 20_000,
  alive: 10_000,
  retries: [300, 800, 2000],
}

/** Worth another try: a host that boots, or an sshd that sheds load. Never an authentication or host key error. */
const transient = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN'])

export const connectTo = (options: ConnectOptions): Promise<Link> => persist(options, () => connectOnce(options))

/** The same patience whatever client connects. */
export const persist = async <T>(
  options: Pick<ConnectOptions, 'place' | 'limits' | 'signal' | 'log'>,
  connectOnce: () => Promise<T>,
): Promise<T> => {
  const { place, limits, signal } = options
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connectOnce()
    } catch (error) {
      if (error instanceof KhactlError || !(error instanceof Error) || signal.aborted) throw error
      const pause = limits.retries[attempt]
      if (pause === undefined || !isTransient(error)) throw unreachable(place, { error, attempts: attempt + 1 })
      options.log(place, `${error.message}; trying again`)
      await wait(pause * (0.5 + Math.random() / 2), undefined, { signal })
    }
  }
}

const connectOnce = async (options: ConnectOptions): Promise<Link> => {
  const { place, limits, signal } = options
  const socket: Socket = await dial({ ...place.ssh, within: limits.dial, signal })
  return options.handshakes(async () => {
    // While it waited for its place.
    if (socket.destroyed) throw new DroppedError('the server closed the connection before the login')
    if (signal.aborted) socket.destroy()
    signal.throwIfAborted()
    return handshake({ ...options, socket, within: limits.handshake, alive: limits.alive })
  })
}

const isTransient = (error: Error): boolean => error instanceof DroppedError || transient.has(codeOf(error))

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  EHOSTUNREACH: 'there is no way to this address (host unreachable)',
  ENETUNREACH: 'there is no way to this address (network unreachable)',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'no answer',
}

const unreachable = (place: Place, { error, attempts }: { error: Error; attempts: number }): KhactlError =>
  sshError({
    code: 'ssh.unreachable',
    place,
    what: `cannot connect: ${reasons[codeOf(error)] ?? error.message}${attempts > 1 ? ` (${attempts} tries)` : ''}`,
    hint: `Is the host up, and is its address right? Try: ssh -p ${place.ssh.port} ${place.ssh.user}@${place.ssh.address} true`,
    cause: error,
  })
