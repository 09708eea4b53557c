// One ssh process that logs in and then shares its connection: its questions answered, its end understood.
import { spawn } from 'node:child_process'
import { rename, rm, writeFile } from 'node:fs/promises'
import { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { createNonce } from './shell.js'
import { sshError, type Stop } from './ssh-error.js'
import type { Answers } from './system-answers.js'
import type { Environment } from './system-environment.js'
import { explainEnd, isConnected, isReady, plainLines, refusedLogin } from './system-errors.js'
import { helperMark } from './system-folder.js'

export interface Master {
  readonly socket: string
  /** Resolves when the process ended and all that it said was heard. */
  readonly gone: Promise<void>
  readonly lastError: () => Error | null
  readonly end: () => void
  readonly destroy: () => void
}

export interface MasterOptions {
  readonly place: Stop
  readonly socket: string
  readonly command: readonly string[]
  readonly environment: Environment
  /** Path of SSH_ASKPASS. */
  readonly askpass: string
  /** Where the answer about the host key goes. */
  readonly answerFile: string
  readonly problems: readonly string[]
  /** Throws where the key is not to be trusted; `name` as it is looked for in known_hosts. */
  readonly verify: (key: Buffer, name: string) => Promise<void>
  readonly answers: Answers
  readonly log: (message: string) => void
  /** Told when a connection stands. */
  readonly dialled: () => void
  readonly limits: { readonly dial: Ms; readonly handshake: Ms }
  readonly signal: AbortSignal
}

const mostLines = 300
/** A ProxyCommand may hold the pipe a little longer than ssh lives. */
const lastWordsWithin = 300

/** Rejects with a KhactlError, or with what may be tried again (see explainEnd). */
export const startMaster = (options: MasterOptions): Promise<Master> =>
  new Promise((resolve, reject) => {
    const { place, socket, limits, signal, answers } = options
    const problems = () => [...options.problems, ...answers.problems()]
    const nonce = createNonce()
    const said: string[] = []
    let stage: 'connecting' | 'logging in' | 'up' | 'failed' = 'connecting'
    let isStopped = false
    let timer: NodeJS.Timeout | undefined
    // In a session of its own: it gets no Ctrl-C, and finds no terminal to ask on.
    const child = spawn('ssh', [...options.command], {
      env: { ...options.environment, SSH_ASKPASS: options.askpass, SSH_ASKPASS_REQUIRE: 'force', KHACTL_NONCE: nonce },
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    const gone = new Promise<void>((done) => {
      child.once('close', () => done())
      child.once('error', () => done())
      child.once('exit', () => setTimeout(done, lastWordsWithin).unref())
    })
    const destroy = (): void => {
      isStopped = true
      child.kill('SIGKILL')
      void rm(socket, { force: true })
    }
    const settle = (next: 'up' | 'failed'): void => {
      stage = next
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    const fail = (error: unknown): void => {
      if (stage === 'up' || stage === 'failed') return
      settle('failed')
      if (error instanceof KhactlError && error.code === 'ssh.auth') answers.refuse()
      destroy()
      void gone.then(() => reject(error as Error))
    }
    const abort = (): void => fail(signal.reason)
    const clock = (): void => {
      clearTimeout(timer)
      if (stage === 'connecting') timer = setTimeout(() => fail(silentError(limits.dial)), limits.dial)
      if (stage === 'logging in') timer = setTimeout(() => fail(lateError(place, limits.handshake)), limits.handshake)
    }
    clock()
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()

    const judge = async (key: string, name: string): Promise<void> => {
      try {
        await options.verify(Buffer.from(key, 'base64'), name)
        await writeFile(`${options.answerFile}.new`, 'yes', { mode: 0o600 })
        await rename(`${options.answerFile}.new`, options.answerFile)
      } catch (error) {
        fail(error)
      }
    }
    const reply = async (prompt: string): Promise<void> => {
      // The operator may take their time.
      clearTimeout(timer)
      try {
        const answer = await answers.answer(prompt)
        if (answer === 'again') {
          fail(refusedLogin({ place, said, problems: problems() }, `the password of ${place.ssh.user} was refused`))
          return
        }
        child.stdin.write(answer === 'skip' ? 'n\n' : `y${answer.reveal()}\n`)
        clock()
      } catch (error) {
        fail(error)
      }
    }
    const hear = (line: string): void => {
      if (line.startsWith(`${helperMark}${nonce}:`)) {
        const [what = '', ...rest] = line.slice(helperMark.length + nonce.length + 1).split(' ')
        const text = rest.join(' ')
        if (what === 'key') void judge(rest[0] ?? '', rest[1] ?? '')
        else if (what === 'ask') void reply(text)
        else options.log(text)
        return
      }
      said.push(line)
      if (said.length > mostLines) said.shift()
      if (stage === 'connecting' && isConnected(line)) {
        stage = 'logging in'
        options.dialled()
        clock()
      }
      if (stage === 'logging in' && isReady(line)) {
        settle('up')
        // From here on the last words are those of the end.
        said.length = 0
        // It would read there what is meant for a helper; nobody asks any more.
        child.stdin.end()
        resolve(master)
      }
    }
    const lastError = (): Error | null => {
      const last = isStopped ? undefined : plainLines(said).at(-1)
      return last === undefined ? null : new Error(last)
    }
    const end = (): void => {
      isStopped = true
      child.kill()
    }
    const master: Master = { socket, gone, lastError, destroy, end }

    child.stdin.on('error', () => undefined)
    child.stderr.setEncoding('utf8')
    let held = ''
    child.stderr.on('data', (chunk: string) => {
      const lines = `${held}${chunk}`.split(/\r?\n/)
      held = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    child.once('error', (error) => fail(error))
    void gone.then(() => fail(explainEnd({ place, said, problems: problems() })))
  })

const silentError = (within: Ms): Error =>
  Object.assign(new Error(`no answer within ${within / 1000} s`), { code: 'ETIMEDOUT' })

const lateError = (place: Stop, within: Ms): Error =>
  sshError({
    code: 'ssh.deadline',
    place,
    what: `the connection was accepted, but the login was not done within ${within / 1000} s`,
    hint: 'The host may be overloaded, or something other than an SSH server listens there.',
  })
