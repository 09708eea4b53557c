// One login over an open socket: key exchange, host key, authentication.
import type { Duplex } from 'node:stream'
import type { ConnectConfig } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { offerInTurn, type Attempts } from './attempts.js'
import type { Offers } from './offer.js'
import type { HostKeys, ServerHostKeyAlgorithm } from './host-key.js'
import { watchPulse } from './pulse.js'
import type { Ssh2 } from './ssh2.js'
import type { LoggedIn } from './ssh2-link.js'
import { sshError, type Stop } from './ssh-error.js'

export interface HandshakeOptions {
  readonly ssh2: Ssh2
  readonly place: Stop
  readonly socket: Duplex
  /** Time for the login; while the operator is asked it does not run. */
  readonly within: Ms
  /** So often the server is asked for a word; three times without one, the connection is lost (R-S1). */
  readonly alive: Ms
  readonly offers: Offers
  readonly hostKeys: HostKeys
  readonly algorithms: readonly ServerHostKeyAlgorithm[]
  readonly signal: AbortSignal
}

/** The server dropped the connection before any key was offered: MaxStartups does that, and trying again is harmless. */
export class DroppedError extends Error {
  override readonly name = 'DroppedError'
}

/** Rejects with a KhactlError, or with a DroppedError, which may be tried again. */
export const handshake = (options: HandshakeOptions): Promise<LoggedIn> =>
  new Promise((resolve, reject) => {
    const { ssh2, place, socket, signal } = options
    const client = new ssh2.Client()
    const clock = createClock(options.within, () => fail(lateError(place, options.within)))
    const attempts = offerInTurn(place, { ...options.offers, whileAsking: clock.hold })
    let refusedKey: Error | null = null
    let lastError: Error | null = null
    const fail = (error: Error): void => {
      done()
      socket.destroy()
      reject(error)
    }
    const abort = (): void => fail(signal.reason as Error)
    const done = (): void => {
      clock.stop()
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort)

    // For life: without a listener an error of the connection would end the process.
    client.on('error', (error) => {
      if (attempts.goesOn(error)) return
      lastError = error
      fail(refusedKey ?? explain(error, { place, attempts }))
    })
    const closed = new Promise<void>((gone) => client.once('close', () => gone()))
    client.once('close', () => fail(refusedKey ?? dropped(attempts, place)))
    client.once('change password', () => fail(attempts.failure('the password has expired: log in by hand once')))
    client.once('ready', () => {
      done()
      const silent = (): void => {
        lastError = new Error(`not a word from the host for ${Math.round((options.alive * 3) / 1000)} s`)
        socket.destroy()
      }
      watchPulse(socket, { every: options.alive, silent })
      resolve({ client, place, closed, lastError: () => lastError, destroy: () => socket.destroy() })
    })
    client.connect({
      sock: socket,
      username: place.ssh.user,
      readyTimeout: 0,
      keepaliveInterval: options.alive,
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: { ...algorithms, serverHostKey: [...options.algorithms] },
      authHandler: attempts.next,
      hostVerifier: (key: Buffer, answer: (trusted: boolean) => void) => {
        options.hostKeys.verify(place, key).then(
          () => answer(true),
          (error: Error) => {
            refusedKey = error
            answer(false)
          },
        )
      },
    } as ConnectConfig)
  })

/** A deadline that stands still while a person is asked, and begins anew after the answer. */
const createClock = (within: Ms, late: () => void) => {
  let isOver = false
  let asked = 0
  let timer = setTimeout(late, within)
  return {
    hold: async <T>(work: () => Promise<T>): Promise<T> => {
      asked += 1
      clearTimeout(timer)
      try {
        return await work()
      } finally {
        asked -= 1
        if (asked === 0 && !isOver) timer = setTimeout(late, within)
      }
    },
    stop: (): void => {
      isOver = true
      clearTimeout(timer)
    },
  }
}

/** ssh2's defaults without SHA-1; it has no post-quantum key exchange. */
const algorithms: NonNullable<ConnectConfig['algorithms']> = {
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
}

const explain = (error: Error, { place, attempts }: { place: Stop; attempts: Attempts }): Error => {
  if (attempts.asked() && (error as { level?: string }).level !== 'client-authentication')
    return new DroppedError('the server closed the connection while the question was open', { cause: error })
  if (attempts.offered() !== null) {
    // A disconnect in this stage is a refusal too: "Too many authentication failures".
    const said = error.message.startsWith('All configured') ? '' : ` (${error.message})`
    return attempts.failure(`the login as ${place.ssh.user} was refused${said}`)
  }
  if (/no matching/.test(error.message))
    return sshError({
      code: 'ssh.handshake',
      place,
      what: `no common ground with the SSH server: ${error.message}`,
      hint: 'khactl itself has no post-quantum key exchange, no host certificates and no SHA-1. Let the ssh program of this machine connect (`ssh: { client: system }`), or look at KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs in the sshd_config.',
      cause: error,
    })
  if ((error as { level?: string }).level === 'handshake')
    return sshError({ code: 'ssh.handshake', place, what: `the SSH handshake failed: ${error.message}`, cause: error })
  return new DroppedError(error.message, { cause: error })
}

const dropped = (attempts: Attempts, place: Stop): Error =>
  attempts.offered() === null || attempts.asked()
    ? new DroppedError('the server closed the connection before the login')
    : attempts.failure(`the server closed the connection during the login as ${place.ssh.user}`)

const lateError = (place: Stop, within: Ms): KhactlError =>
  sshError({
    code: 'ssh.deadline',
    place,
    what: `the connection was accepted, but the login was not done within ${within / 1000} s`,
    hint: 'The host may be overloaded, or something other than an SSH server listens there.',
  })
