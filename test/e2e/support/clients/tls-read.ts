// One read over a TLS connection of its own: connect, handshake, request, whole answer, within one limit.
import { connect as tcp } from 'node:net'
import { connect as tls } from 'node:tls'

export type Phase = 'connect' | 'handshake' | 'answer'

export interface Target {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly ca: Buffer
  readonly limitMs: number
}

export interface TlsRead {
  readonly phase: Phase
  /** null: answered with 200. */
  readonly error: string | null
  readonly tookMs: number
}

export const tlsRead = ({ host, port, path, ca, limitMs }: Target): Promise<TlsRead> =>
  new Promise((done) => {
    const started = performance.now()
    let phase: Phase = 'connect'
    let [text, open] = ['', true]
    const raw = tcp({ host, port, noDelay: true })
    const secure = tls({ socket: raw, ca, host, ALPNProtocols: ['http/1.1'] })
    const end = (error: string | null): void => {
      if (!open) return
      open = false
      clearTimeout(timer)
      done({ phase, error, tookMs: Math.round(performance.now() - started) })
      secure.destroy()
      raw.destroy()
    }
    const timer = setTimeout(() => end(`not done within ${limitMs} ms`), limitMs)
    const broke = (error: Error): void => end(error.message)
    raw.on('error', broke)
    secure.on('error', broke)
    raw.on('connect', () => (phase = 'handshake'))
    secure.on('secureConnect', () => {
      phase = 'answer'
      secure.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`)
    })
    secure.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const answer = answered(text)
      if (answer !== null) end(answer === 200 ? null : `status ${answer}`)
    })
    const closed = (): void => end(text === '' ? 'closed without an answer' : 'closed in the middle of the answer')
    secure.on('end', closed)
    raw.on('close', closed)
  })

/** The status, once all of the answer is there; the API server says how long its answers are, or sends them in chunks. */
export const answered = (text: string): number | null => {
  const cut = text.indexOf('\r\n\r\n')
  if (cut < 0) return null
  const [head, body] = [text.slice(0, cut), text.slice(cut + 4)]
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  const whole = length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length)
  return whole ? Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0) : null
}
