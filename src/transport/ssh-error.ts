// What can go wrong between this machine and a host: one code, one exit class and one advice each.
import { KhactlError, type ErrorDetails } from '../model/error.js'
import type { Host, SshLogin } from '../model/inventory.js'
import type { Ms } from '../model/session.js'

/** A host and how it is logged in to. */
export type Place = Pick<Host, 'name' | 'ssh'>

/** A login on the way to a host, or on the host itself: what an error needs to name it. */
export interface Stop {
  /** The host that it is for. */
  readonly name: Host['name']
  readonly ssh: SshLogin
  readonly role?: 'jump'
  /** Of a jump host: those before it. */
  readonly before?: readonly SshLogin[]
}

/** Stable codes; `ssh.lost`, and `ssh.deadline` of a command, mean that its outcome is not known. */
export type SshCode =
  | 'ssh.unreachable'
  | 'ssh.handshake'
  | 'ssh.auth'
  | 'ssh.host-key'
  | 'ssh.sudo'
  | 'ssh.shell'
  | 'ssh.lost'
  | 'ssh.unsent'
  | 'ssh.deadline'
  | 'ssh.closed'
  | 'ssh.program'
  | 'lock.broken'
  | 'lock.failed'

const exits = {
  'ssh.unreachable': 'unreachable',
  'ssh.handshake': 'unreachable',
  'ssh.auth': 'auth',
  'ssh.host-key': 'hostKey',
  'ssh.sudo': 'auth',
  'ssh.shell': 'unreachable',
  'ssh.lost': 'unreachable',
  'ssh.unsent': 'unreachable',
  'ssh.deadline': 'unreachable',
  'ssh.closed': 'interrupted',
  'ssh.program': 'failed',
  'lock.broken': 'locked',
  'lock.failed': 'failed',
} as const satisfies Record<SshCode, ErrorDetails['exit']>

/** `web-1 (10.0.0.1)`, with the port where it is not 22; `the jump host 10.0.0.1`. */
export const where = (place: Stop): string => {
  const address = `${place.ssh.address}${place.ssh.port === 22 ? '' : `:${place.ssh.port}`}`
  return place.role === 'jump' ? `the jump host ${address}` : `${place.name} (${address})`
}

export interface SshTrouble extends Omit<ErrorDetails, 'exit' | 'message'> {
  readonly code: SshCode
  readonly place: Stop
  /** What went wrong, without the place. */
  readonly what: string
}

export const sshError = ({ code, place, what, ...rest }: SshTrouble): KhactlError =>
  new KhactlError(code, { message: `${where(place)}: ${what}`, exit: exits[code], ...rest })

export const lostError = (place: Stop, cause?: unknown): KhactlError =>
  sshError({
    code: 'ssh.lost',
    place,
    what: `the connection was lost${cause instanceof Error ? `: ${cause.message}` : ''}`,
    hint: 'Run the same command again: khactl looks at the host first and goes on from what it finds.',
    cause,
  })

/** For a command that did not leave this machine: nothing is unknown of it. */
export const unsentError = (place: Place, cause: KhactlError): KhactlError =>
  sshError({
    code: 'ssh.unsent',
    place,
    what: 'the connection was lost before the command was sent',
    hint: cause.details.hint ?? 'Run the same command again.',
    cause,
  })

/** For a command whose host did not even say that it stopped it. */
export const unansweredError = (place: Stop, within: Ms): KhactlError =>
  sshError({
    code: 'ssh.deadline',
    place,
    what: `no answer within ${Math.round(within / 1000)} s, and none when asked to stop; whether the command ended is not known`,
    hint: 'The host or the link hangs. Look at the host, then run the same command again.',
  })

/** The last lines somebody wrote, for an error: at most ten, control characters removed. */
export const lastLines = (...texts: readonly (Buffer | string)[]): string[] =>
  texts
    .flatMap((text) => text.toString().split(/[\r\n]+/))
    .map((line) => line.replace(/\p{Cc}/gu, '').trimEnd())
    .filter((line) => line !== '')
    .slice(-10)

/** The server answers, and opens nothing to run a command in. */
export const noChannelError = (
  place: Stop,
  { error, terminal }: { readonly error: Error; readonly terminal: 'none' | 'pty' },
): KhactlError =>
  sshError({
    code: 'ssh.shell',
    place,
    what: `the SSH server opens no ${terminal === 'pty' ? 'terminal, which sudo wants' : 'channel for commands'}: ${error.message}`,
    hint: `Look at ${terminal === 'pty' ? 'PermitTTY' : 'MaxSessions'}, ForceCommand and Match blocks in the sshd_config.`,
    cause: error,
  })
