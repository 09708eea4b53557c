// The TCP connection to a host, with Nagle off: ssh2 never does that itself, and it costs 40 ms a command.
import { connect, type LookupFunction, type Socket } from 'node:net'
import type { Ms } from '../model/session.js'

export interface DialOptions {
  readonly address: string
  readonly port: number
  readonly within: Ms
  readonly signal: AbortSignal
  /** Default: node's. */
  readonly lookup?: LookupFunction | undefined
}

/** Rejects with the socket's own error (`code` set), or with code ETIMEDOUT at the deadline. */
export const dial = ({ address, port, within, signal, lookup }: DialOptions): Promise<Socket> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({ host: address, port, noDelay: true, ...(lookup && { lookup }) })
    const fail = (error: Error): void => {
      done()
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(
      () => fail(Object.assign(new Error(`no answer within ${within / 1000} s`), { code: 'ETIMEDOUT' })),
      within,
    )
    const abort = (): void => fail(signal.reason as Error)
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort)
    // For life: a reset before ssh2 listens must not end the process.
    socket.on('error', fail)
    socket.once('connect', () => {
      done()
      resolve(socket)
    })
  })
