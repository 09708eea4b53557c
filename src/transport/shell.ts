// The operator's end of a root shell: one request at a time over any pair of pipes, with its deadline and its heartbeat.
import { randomBytes } from 'node:crypto'
import { isOutcomeUnknown, type KhactlError } from '../model/error.js'
import type { Answer, Ms } from '../model/session.js'
import { defer } from './deferred.js'
import { createExchange, type Exchange } from './exchange.js'
import { encodeFrame, marks, type Frame } from './frame.js'
import { killGraceSeconds, silenceSeconds } from './root-shell.js'
import { lastLines, lostError, sshError, unansweredError, unsentError, type Place } from './ssh-error.js'
import type { Exit, Terminal, Wire } from './wire.js'

export interface ShellRequest {
  readonly verb: 'run' | 'lock' | 'break'
  readonly script: string
  readonly stdin?: Uint8Array
  readonly within: Ms
  /** The script with secrets masked, for errors. */
  readonly shown?: string
  readonly onLine?: (line: string) => void
  readonly stop?: AbortSignal
}

export interface RootShell {
  /** Resolves when the loop on the host runs; rejects with a ShellStartError when it ended before that. */
  readonly started: Promise<void>
  /** Requests are served one after the other; one behind a lock goes out together with it. Rejects only when the outcome cannot be known. */
  request(request: ShellRequest): Promise<Answer>
  /** Heartbeats sent while nothing else was; they are no round trips. */
  pings(): number
  /** Ends the shell and with it whatever it runs; waits a moment for the host to say so. */
  close(why?: 'lost'): Promise<void>
}

/** The far end closed before it was ready; why is for the caller to judge. */
export class ShellStartError extends Error {
  override readonly name = 'ShellStartError'
  /** What people may want to read of it. */
  readonly noise: readonly string[]
  constructor(
    readonly exit: Exit,
    readonly heard: string,
  ) {
    const noise = lastLines(heard.replace(/@khactl:(%\w+:|\w+:\w+)/g, '')).map(shortened)
    super(noise.at(-1) ?? 'no output')
    this.noise = noise
  }
}

const longestLine = 200
const shortened = (line: string): string => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line)

/** Three of them fit into the silence that the host bears. */
const pingEvery: Ms = (silenceSeconds * 1000 * 3) / 10
/** After the deadline: the host's grace between TERM and KILL, and the way back. */
const killWithin: Ms = killGraceSeconds * 1000 + 3000
const closeWithin: Ms = 1000
/** Of a script that was ended, or not begun, because nobody waits for it. */
const endedStatus = 124
/** sudo may cite the whole command that it refuses. */
const noiseBytes = 16_384

export interface ShellOptions {
  readonly wire: Wire
  readonly terminal: Terminal
  readonly place: Place
  /** The nonce given to the remote program for its ready mark. */
  readonly ready: string
  /** Called when the host did not even answer a kill: the connection is of no use any more. */
  readonly abandon: () => void
  /** Why the connection went, where somebody knows. */
  readonly cause?: () => unknown
  readonly pingEvery?: Ms
  readonly killWithin?: Ms
}

export const createNonce = (): string => randomBytes(8).toString('hex')

export const openShell = (options: ShellOptions): RootShell => {
  const { wire, place } = options
  const ready = Buffer.from(marks(options.ready).ready)
  let noise: Buffer = Buffer.alloc(0)
  let heard: Buffer = Buffer.alloc(0)
  let isReady = false
  let gone: KhactlError | null = null
  /** In the order in which they were sent. */
  let underWay: readonly Exchange[] = []
  let mayBegin: Promise<unknown> = Promise.resolve()
  let wroteAt = Date.now()
  let pings = 0
  const start = defer<void>()
  const end = defer<void>()

  const send = (frame: Frame): void => {
    wroteAt = Date.now()
    wire.write(encodeFrame(frame))
  }
  const every = options.pingEvery ?? pingEvery
  const heart = setInterval(() => {
    if (!isReady || Date.now() - wroteAt < every / 2) return
    pings += 1
    send({ verb: 'ping', nonce: options.ready })
  }, every / 2).unref()

  const lose = (error: KhactlError): void => {
    gone ??= error
    clearInterval(heart)
    for (const one of underWay) one.fail(gone)
  }
  const note = (chunk: Buffer): void => {
    noise = Buffer.concat([noise, chunk]).subarray(-noiseBytes)
  }
  const listenForReady = (chunk: Buffer): void => {
    note(chunk)
    heard = Buffer.concat([heard, chunk])
    isReady = heard.includes(ready)
    if (isReady) start.resolve()
    else heard = heard.subarray(-ready.length)
  }

  /** Each takes its part of the bytes and leaves what follows to the next. */
  const hear = (chunk: Buffer, by: (one: Exchange, bytes: Buffer) => Buffer): void => {
    let rest = chunk
    for (const one of underWay) {
      rest = by(one, rest)
      if (rest.length === 0) return
    }
  }

  wire.listen({
    stdout: (chunk) => (isReady ? hear(chunk, (one, bytes) => one.stdout(bytes)) : listenForReady(chunk)),
    stderr: (chunk) => (isReady ? hear(chunk, (one, bytes) => one.stderr(bytes)) : note(chunk)),
    closed: (exit) => {
      start.reject(new ShellStartError(exit, noise.toString()))
      lose(lostError(place, options.cause?.()))
      end.resolve()
    },
  })

  const run = async (request: ShellRequest, sent: () => void): Promise<Answer> => {
    if (gone) throw isOutcomeUnknown(gone) ? unsentError(place, gone) : gone
    if (request.stop?.aborted) return { status: endedStatus, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
    const nonce = createNonce()
    const exchange = createExchange({ nonce, terminal: options.terminal, ...request })
    underWay = [...underWay, exchange]
    const kill = (): void => {
      clearTimeout(timer)
      send({ verb: 'kill', nonce })
      timer = setTimeout(() => {
        lose(unansweredError(place, request.within))
        options.abandon()
      }, options.killWithin ?? killWithin)
    }
    let timer = setTimeout(kill, request.within)
    request.stop?.addEventListener('abort', kill)
    send({ ...request, nonce, seconds: request.within / 1000 })
    sent()
    try {
      return await exchange.answer
    } finally {
      clearTimeout(timer)
      request.stop?.removeEventListener('abort', kill)
      underWay = underWay.filter((one) => one !== exchange)
    }
  }

  return {
    started: start.promise,
    request: (request) => {
      const sent = defer<void>()
      const answer = mayBegin.then(() => run(request, sent.resolve))
      const ended = answer.then(
        () => undefined,
        () => undefined,
      )
      // What follows a lock need not wait for it: the host serves them in order, and whoever asked hears of the lock first.
      mayBegin = request.verb === 'run' ? ended : Promise.race([sent.promise, ended])
      return answer
    },
    pings: () => pings,
    close: async (why) => {
      const closed = () => sshError({ code: 'ssh.closed', place, what: 'khactl closed the connection' })
      lose(why === 'lost' ? lostError(place, options.cause?.()) : closed())
      wire.end()
      const timer = setTimeout(end.resolve, closeWithin)
      await end.promise
      clearTimeout(timer)
    },
  }
}
