// What ssh is answered when it asks: passphrases and PINs of keys, passwords; each once a login.
import type { Secret } from '../model/command.js'
import type { AskSecret } from '../model/session.js'
import { passwordQuestion } from './passwords.js'
import { lastLines, sshError, type Stop } from './ssh-error.js'

export interface Answers {
  /**
   * `skip`: ssh is to go on without this key. `again`: it asks for what it was given already, so that was wrong.
   * Throws where the login cannot go on: without an answer ssh would try an empty password.
   */
  readonly answer: (prompt: string) => Promise<Secret | 'skip' | 'again'>
  /** Keys that were skipped, for the error, should the login be refused. */
  readonly problems: () => readonly string[]
  /** The login was refused: what was given is not sent there again. */
  readonly refuse: () => void
}

export interface AnswersOptions {
  readonly askSecret: AskSecret | undefined
  /** Of all logins of a run. */
  readonly refused: Set<string>
}

/** For one login. ssh puts `(user@host)` before what a server wants to know, so no server can ask for a passphrase. */
export const createAnswers = (place: Stop, { askSecret, refused }: AnswersOptions): Answers => {
  const { ssh } = place
  let sent: string | null = null
  const ask = async (question: string): Promise<Secret | null> => (await askSecret?.(question)) ?? null
  const problems: string[] = []
  const skip = (problem: string): 'skip' => {
    problems.push(problem)
    return 'skip'
  }
  const answer: Answers['answer'] = async (prompt) => {
    const [, key] = /^Enter passphrase for key '(.*)': *$/.exec(prompt) ?? []
    if (key !== undefined) return ssh.passphrase ?? (await ask(`Passphrase of ${key}`)) ?? skip(encrypted(key))
    if (prompt.startsWith('Enter PIN for '))
      return (await ask(prompt.replace(/:? *$/, ''))) ?? skip(`nobody gave ${prompt}`)
    if (isPassword(prompt) && sent !== null) return 'again'
    const given = !isPassword(prompt)
      ? null
      : ssh.password === 'ask'
        ? await ask(passwordQuestion(place))
        : ssh.password
    if (given === null) throw unanswered(place, prompt)
    sent = JSON.stringify([ssh.user, ssh.address, ssh.port, given.reveal()])
    if (refused.has(sent)) throw known(place)
    return given
  }
  const refuse = (): void => {
    if (sent !== null) refused.add(sent)
  }
  return { answer, problems: () => problems, refuse }
}

const encrypted = (key: string): string =>
  `key ${key} is encrypted: give ssh.passphrase, or load it into the agent with \`ssh-add ${key}\``

const isPassword = (prompt: string): boolean => /'s password: *$/.test(prompt) || /^\(.*passw/i.test(prompt)

const unanswered = (place: Stop, prompt: string) =>
  sshError({
    code: 'ssh.auth',
    place,
    what: `the login as ${place.ssh.user} needs an answer that nobody gives: ${lastLines(prompt).join(' ')}`,
    hint: 'khactl answers with ssh.password, or asks for it on a terminal; one-time codes are beyond it.',
  })

const known = (place: Stop) =>
  sshError({
    code: 'ssh.auth',
    place,
    what: `the password of ${place.ssh.user} was refused before, and is not sent again`,
    hint: 'Servers lock out who tries again. Is ssh.password right?',
  })
