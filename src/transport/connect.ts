// From an address to a login on it; only what failed before a key was offered is tried again.
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { DroppedError, handshake, type HandshakeOptions } from './handshake.js'
import type { Address } from './known-hosts.js'
import type { LoggedIn } from './ssh2-link.js'
import type { Stop } from './ssh-error.js'
import type { Turns } from './turns.js'
import { unreachable } from './unreachable.js'

/** How TCP gets there: from this machine, or from the last of the jump hosts. */
export interface Route {
  /** Tells endpoints apart that have the same address behind different jump hosts. */
  readonly name: string
  dial(address: Address & { readonly within: Ms }): Promise<Duplex>
}

export interface ConnectOptions extends Omit<HandshakeOptions, 'socket' | 'within' | 'alive'> {
  /** Asked at each try: a jump host that went away is connected to anew. Its own errors are final. */
  readonly route: () => Promise<Route>
  readonly turns: Turns
  readonly limits: Limits
  readonly log: (place: Stop, message: string) => void
  /** Told when a connection stands, whatever becomes of the login. */
  readonly dialled: () => void
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
  retries: [300, 800, 2000, 3000],
}

/** Worth another try: a host that boots, or an sshd that sheds load. Never an authentication or host key error. */
const transient = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'EIO'])

export const connectTo = (options: ConnectOptions): Promise<LoggedIn> => persist(options, () => connectOnce(options))

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

/** Its turn comes before the dialling: sshd counts who has connected and not logged in yet. */
const connectOnce = async (options: ConnectOptions): Promise<LoggedIn> => {
  const { place, limits, signal, turns } = options
  const route = await options.route()
  const turn = turns.server(JSON.stringify([route.name, place.ssh.address, place.ssh.port]))
  return turn(async () => {
    signal.throwIfAborted()
    const socket = await route.dial({ address: place.ssh.address, port: place.ssh.port, within: limits.dial })
    options.dialled()
    try {
      return await turns.all(async () => {
        if (signal.aborted) socket.destroy()
        signal.throwIfAborted()
        // While it waited for its place.
        if (socket.destroyed) throw new DroppedError('the server closed the connection before the login')
        return handshake({ ...options, socket, within: limits.handshake, alive: limits.alive })
      })
    } catch (error) {
      if (error instanceof DroppedError) turn.lower()
      throw error
    }
  })
}

const isTransient = (error: Error): boolean =>
  error instanceof DroppedError || transient.has((error as NodeJS.ErrnoException).code ?? '')
