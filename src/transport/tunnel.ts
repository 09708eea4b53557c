// Connections from a jump host onward (direct-tcpip), each as a socket that ends at once when it is told to.
import { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Ms } from '../model/session.js'
import { codeOf } from './connect-words.js'
import type { Address } from './known-hosts.js'
import type { LoggedIn } from './ssh2-link.js'
import { where } from './ssh-error.js'

export interface Onward extends Address {
  readonly within: Ms
  readonly signal: AbortSignal
}

/** Rejects with an error that has a `code` like one of a socket; EACCES: the jump host forwards nothing. */
export const onward = (hop: LoggedIn, { address, port, within, signal }: Onward): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    let isOver = false
    const fail = (error: Error): void => {
      done()
      reject(error)
    }
    const timer = setTimeout(() => fail(coded('ETIMEDOUT', `no answer within ${within / 1000} s`)), within)
    const abort = (): void => fail(signal.reason as Error)
    const done = (): void => {
      isOver = true
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort)
    try {
      // Where the connection comes from is for the log of the server.
      hop.client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        if (error) return fail(refusal(hop, error))
        if (isOver) return void channel.destroy()
        done()
        return resolve(socketOf(channel))
      })
    } catch (error) {
      // ssh2 throws "Not connected" right away.
      fail(refusal(hop, error as Error))
    }
  })

const coded = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

/** What sshd says is the text of its own connect(2), or a reason without words. */
const refusal = (hop: LoggedIn, error: Error & { reason?: unknown }): Error => {
  // Without the server's reason it is ssh2 that tells of the end of the connection.
  if (error.reason === undefined) return coded('ECONNRESET', `the connection to ${where(hop.place)} was lost`, error)
  if (error.reason === 1) return coded('EACCES', error.message, error)
  return coded(codeOf(error.message), error.message, error)
}

/** A channel waits for the far end's word before it closes, and behind a dead jump host that never comes. */
const socketOf = (channel: ClientChannel): Duplex => {
  const socket = new Duplex({
    read: () => void channel.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (channel.writable) channel.write(chunk, done)
      else done(coded('EPIPE', 'the way over the jump host is closed'))
    },
    final: (done) => {
      channel.end()
      done()
    },
    destroy: (error, done) => {
      channel.destroy()
      done(error)
    },
  })
  // For life, as with the sockets of dial.ts.
  socket.on('error', () => undefined)
  channel.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) channel.pause()
  })
  channel.on('end', () => void socket.push(null))
  channel.on('error', () => undefined)
  channel.on('close', () => socket.destroy())
  return socket
}
