// Root shells on the channels of one link: finds out how root is reached there, once, and says why it is not.
import { setTimeout as wait } from 'node:timers/promises'
import { isSecret, type Secret } from '../model/command.js'
import { KhactlError } from '../model/error.js'
import type { AskSecret, Ms } from '../model/session.js'
import { becomeMarks, rootShellCommand, type Become } from './become.js'
import { withDeadline } from './deadline.js'
import type { Exec, Link } from './link.js'
import { answerPrompt, type Outcome } from './prompt.js'
import { reasonOf, refusalError, type Refusal } from './refusal.js'
import { createNonce, openShell, ShellStartError, type RootShell } from './shell.js'
import { lostError, sshError, type Place } from './ssh-error.js'
import type { Wire } from './wire.js'

export interface DoorOptions {
  readonly link: Link
  readonly place: Place
  /** For each try; nobody's typing counts. */
  readonly within: Ms
  readonly askSecret?: AskSecret | undefined
}

/** A try: the shell, or why there is none. */
type Try = { readonly shell: RootShell } | { readonly refusal: Refusal }

interface Way extends Become {
  readonly password: Secret | null
}

/**
 * Each call opens one shell; the calls after the first go the way that it found. Where that took a password they are refused:
 * it is given once a connection, and the first shell can serve all.
 * Rejects with a KhactlError: `ssh.sudo`, `ssh.shell`, `ssh.lost` or `ssh.deadline`.
 */
export const createRootDoor = (options: DoorOptions): (() => Promise<RootShell>) => {
  const { link, place } = options
  let found: Way | null = null

  return async () => {
    if (found?.password) throw sshError({ code: 'ssh.sudo', place, what: 'the password is given once a connection' })
    let way: Way = found ?? firstWay(place)
    for (let isFirst = true; ; isFirst = false) {
      const outcome = await tryWay(way, { ...options, isFirst })
      if ('shell' in outcome) {
        found = way
        return outcome.shell
      }
      const { refusal } = outcome
      const { exit } = refusal.error
      if (exit.status === null && exit.signal === null) throw lostError(place, link.lastError() ?? undefined)
      const next = await nextWay(way, { ...options, refusal })
      if (!next) throw refusalError(place, refusal)
      way = next
    }
  }
}

const firstWay = ({ ssh }: Place): Way => {
  const password = isSecret(ssh.sudoPassword) ? ssh.sudoPassword : null
  const how = ssh.user === 'root' ? 'login' : password ? 'password' : 'sudo'
  return { how, terminal: 'none', password: how === 'password' ? password : null }
}

/** null: there is nothing else to try. */
const nextWay = async (
  way: Way,
  { place, askSecret, refusal }: DoorOptions & { readonly refusal: Refusal },
): Promise<Way | null> => {
  const reason = reasonOf(refusal)
  if (reason === 'terminal' && way.terminal === 'none') return { ...way, terminal: 'pty' }
  if (reason !== 'wanted' || way.how !== 'sudo' || place.ssh.sudoPassword !== 'ask') return null
  const password = (await askSecret?.(`sudo password of ${place.ssh.user}`)) ?? null
  if (!password) throw nobodyAsked(place)
  return { ...way, how: 'password', password }
}

/** A server that allows one channel (MaxSessions 1) may still hold the one before for a moment. */
const pauses: readonly Ms[] = [50, 100, 200, 400, 800]

interface ExecAgain<T> {
  readonly exec: Exec
  readonly use: (wire: Wire) => T
  readonly pauses: readonly Ms[]
}
/** A channel that did not open ran nothing, so it may be asked for again. */
const execAgain = async <T>(link: Link, { exec, use, pauses: [pause, ...rest] }: ExecAgain<T>): Promise<T> => {
  try {
    return await link.exec(exec, use)
  } catch (error) {
    if (pause === undefined || !(error instanceof KhactlError) || error.code !== 'ssh.shell') throw error
    await wait(pause)
    return execAgain(link, { exec, use, pauses: rest })
  }
}

const tryWay = (way: Way, { link, place, within, isFirst }: DoorOptions & { isFirst: boolean }): Promise<Try> => {
  const nonce = createNonce()
  const { terminal, password } = way
  const prompt = password && answerPrompt({ prompt: becomeMarks(nonce).prompt, password: oneLine(place, password) })
  const asked = (): Outcome => prompt?.outcome() ?? 'unasked'
  return withDeadline({
    within,
    late: () => lateError(place, within),
    work: async () => {
      const shell = await execAgain(link, {
        exec: { command: rootShellCommand(way, nonce), terminal },
        pauses: isFirst ? [] : pauses,
        use: (channel) =>
          openShell({
            wire: prompt ? prompt.over(channel) : channel,
            terminal,
            place,
            ready: nonce,
            abandon: () => link.destroy(),
            cause: () => link.lastError(),
          }),
      })
      try {
        await shell.started
      } catch (error) {
        await shell.close()
        if (!(error instanceof ShellStartError)) throw error
        return { refusal: { error, nonce, become: way, prompt: asked() } }
      }
      prompt?.stop()
      return { shell }
    },
  })
}

/** What follows a line break would reach the root shell. */
const oneLine = (place: Place, password: Secret): Secret => {
  if (!/[\r\n\0]/.test(password.reveal())) return password
  throw sshError({
    code: 'ssh.sudo',
    place,
    what: 'the sudo password holds a line break or a NUL',
    hint: 'Correct ssh.sudoPassword in the inventory: a password is one line.',
  })
}

const nobodyAsked = (place: Place): KhactlError =>
  sshError({
    code: 'ssh.sudo',
    place,
    what: `sudo wants a password of ${place.ssh.user}, and nobody gave one`,
    hint: 'ssh.sudoPassword is `ask`: run khactl on a terminal, or give the password in the inventory from a file or a variable.',
  })

const lateError = (place: Place, within: Ms): KhactlError =>
  sshError({
    code: 'ssh.deadline',
    place,
    what: `logged in, but no root shell within ${within / 1000} s`,
    hint:
      place.ssh.user === 'root'
        ? 'Does a profile of the login shell wait for something, or is there a ForceCommand?'
        : 'A sudo that takes this long often cannot resolve its own host name: look at /etc/hosts there; a ForceCommand does it too.',
  })
