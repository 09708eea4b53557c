// One login over an open socket: key exchange, host key, authentication.
import type { Socket } from 'node:net'
import type { ConnectConfig } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { offerInTurn, type Attempts } from './attempts.js'
import type { Offers } from './auth.js'
import type { HostKeys, ServerHostKeyAlgorithm } from './host-key.js'
import type { Link } from './link.js'
import type { Ssh2 } from './ssh2.js'
import { ssh2Link } from './ssh2-link.js'
import { sshError, type Place } from './ssh-error.js'

export interface HandshakeOptions {
  readonly ssh2: Ssh2
  readonly place: Place
  readonly socket: Socket
  readonly within: Ms
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
export const handshake = (options: HandshakeOptions): Promise<Link> =>
  new Promise((resolve, reject) => {
    const { ssh2, place, socket, signal } = options
    const client = new ssh2.Client()
    const attempts = offerInTurn(place, options.offers)
    let refusedKey: Error | null = null
    let lastError: Error | null = null
    const fail = (error: Error): void => {
      done()
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(lateError(place, options.within)), options.within)
    const abort = (): void => fail(signal.reason as Error)
    const done = (): void => {
      clearTimeout(timer)
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
    client.once('ready', () => {
      done()
      resolve(ssh2Link({ client, place, closed, lastError: () => lastError, destroy: () => socket.destroy() }))
    })
    client.connect({
      sock: socket,
      username: place.ssh.user,
      readyTimeout: 0,
      keepaliveInterval: options.alive,
      keepaliveCountMax: 3,
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

/** ssh2's defaults without SHA-1; it has no post-quantum key exchange. */
const algorithms: NonNullable<ConnectConfig['algorithms']> = {
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
}

const explain = (error: Error, { place, attempts }: { place: Place; attempts: Attempts }): Error => {
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
      hint: 'khactl has no post-quantum key exchange and no SHA-1: look at KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs in the sshd_config.',
      cause: error,
    })
  if ((error as { level?: string }).level === 'handshake')
    return sshError({ code: 'ssh.handshake', place, what: `the SSH handshake failed: ${error.message}`, cause: error })
  return new DroppedError(error.message, { cause: error })
}

const dropped = (attempts: Attempts, place: Place): Error =>
  attempts.offered() === null
    ? new DroppedError('the server closed the connection before the login')
    : attempts.failure(`the server closed the connection during the login as ${place.ssh.user}`)

const lateError = (place: Place, within: Ms): KhactlError =>
  sshError({
    code: 'ssh.deadline',
    place,
    what: `the connection was accepted, but the login was not done within ${within / 1000} s`,
    hint: 'The host may be overloaded, or something other than an SSH server listens there.',
  })
