// Asks for a password or passphrase, hidden: one question at a time, the same one once a run, the progress out of the way.
import { Writable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { secret, type Secret } from '../model/command.js'
import type { Emit } from '../model/event.js'
import type { AskSecret } from '../model/session.js'
import type { Io } from './io.js'
import type { Interrupt } from './signals.js'

export interface AskSecretOptions {
  readonly io: Pick<Io, 'stdin' | 'stderr'>
  readonly emit: Emit
  /** Masks the answer in all that is said from then on. */
  readonly hide: (secret: Secret) => void
  /** Ctrl-C at the question stops the run as it does elsewhere. */
  readonly watch: Pick<Interrupt, 'signal' | 'press'>
}

export const createAskSecret = (options: AskSecretOptions): AskSecret => {
  const { io, emit, hide, watch } = options
  const answers = new Map<string, Promise<Secret | null>>()
  let last: Promise<unknown> = Promise.resolve()

  const ask = async (question: string): Promise<Secret | null> => {
    if (io.stdin.isTTY !== true || io.stderr.isTTY !== true || watch.signal.aborted) return null
    emit({ type: 'asking', question })
    try {
      const typed = await readHidden(`${question}: `, options)
      if (typed === null || typed === '') return null
      const answer = secret(typed)
      hide(answer)
      return answer
    } finally {
      emit({ type: 'asked' })
    }
  }
  return (question) => {
    const known = answers.get(question)
    if (known) return known
    const answer = last.then(() => ask(question))
    last = answer.catch(() => undefined)
    answers.set(question, answer)
    return answer
  }
}

/** null: Ctrl-C, Ctrl-D, or the run was stopped. The terminal is as it was when this returns. */
const readHidden = async (prompt: string, { io, watch }: AskSecretOptions): Promise<string | null> => {
  io.stderr.write(prompt)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // As a terminal: readline reads key by key then, and echoes to nowhere.
  const lines = createInterface({ input: io.stdin, output: nowhere, terminal: true, historySize: 0 })
  const leave = new AbortController()
  const stop = (): void => leave.abort()
  lines.on('SIGINT', () => {
    stop()
    watch.press()
  })
  watch.signal.addEventListener('abort', stop)
  try {
    const ended = new Promise<null>((end) => lines.once('close', () => end(null)))
    return await Promise.race([lines.question('', { signal: leave.signal }), ended])
  } catch (error) {
    if (!leave.signal.aborted) throw error
    return null
  } finally {
    watch.signal.removeEventListener('abort', stop)
    lines.close()
    io.stderr.write('\n')
  }
}
