// One HTTP/2 connection that is pinged, opened again when it is lost, and counted.
import { connect, type ClientHttp2Session } from 'node:http2'
import type { Target } from './tls-read.js'

export interface Reconnect {
  readonly at: string
  readonly why: string
}

export interface Connection {
  /** Reads on the connection; when that fails, once more on a new one. */
  read(): Promise<{ readonly error: string | null; readonly retried: boolean }>
  readonly reconnects: readonly Reconnect[]
  close(): void
}

export const http2Connection = (target: Target, pingMs: number): Connection => {
  const reconnects: Reconnect[] = []
  let session: ClientHttp2Session | null = null
  let lost = 'first'

  const lose = (one: ClientHttp2Session, why: string): void => {
    if (session === one) {
      session = null
      lost = why
    }
    one.destroy()
  }
  const open = (): ClientHttp2Session => {
    const one = connect(`https://${target.host}:${target.port}`, { ca: target.ca })
    if (lost !== 'first') reconnects.push({ at: new Date().toISOString(), why: lost })
    lost = 'closed'
    one.on('error', (error) => lose(one, error.message))
    one.on('goaway', () => session === one && ((session = null), (lost = 'told to go away')))
    one.on('close', () => lose(one, 'closed'))
    const ping = setInterval(() => {
      if (one.destroyed) return clearInterval(ping)
      if (one.connecting) return
      const late = setTimeout(() => lose(one, `no answer to a ping within ${target.limitMs} ms`), target.limitMs)
      one.ping(() => clearTimeout(late))
    }, pingMs)
    one.on('close', () => clearInterval(ping))
    return one
  }
  const current = (): ClientHttp2Session => (session ??= open())

  return {
    reconnects,
    read: async () => {
      const one = current()
      const first = await request(one, target)
      if (first === null) return { error: null, retried: false }
      lose(one, first)
      const error = await request(current(), target)
      return { error: error === null ? null : `${first}; then ${error}`, retried: true }
    },
    close: () => session?.destroy(),
  }
}

/** null: answered with 200 in time. */
const request = (session: ClientHttp2Session, { path, limitMs }: Target): Promise<string | null> =>
  new Promise((done) => {
    const timer = setTimeout(() => done(`not answered within ${limitMs} ms`), limitMs)
    const end = (error: string | null): void => {
      clearTimeout(timer)
      done(error)
    }
    try {
      const stream = session.request({ ':path': path })
      let status = 0
      stream.on('response', (headers) => (status = Number(headers[':status'])))
      stream.on('error', (error: Error) => end(error.message))
      stream.on('end', () => end(status === 200 ? null : `status ${status}`))
      stream.on('close', () => end('closed without an answer'))
      stream.resume()
      stream.end()
    } catch (error) {
      end((error as Error).message)
    }
  })
