// Jump hosts, whatever client connects to them: which are the same, and whose failure is whose.
import { isSecret } from '../model/command.js'
import { KhactlError } from '../model/error.js'
import type { SshLogin } from '../model/inventory.js'
import { sshError, type SshCode, type Stop } from './ssh-error.js'

/** A refusal: whoever comes later must not try again. */
export const isFinal = (error: unknown): boolean =>
  error instanceof KhactlError && ['ssh.auth', 'ssh.host-key', 'ssh.handshake'].includes(error.code)

/** The same for the same logins in the same order; never shown, since secrets are part of it. */
export const nameOf = (way: readonly SshLogin[]): string =>
  JSON.stringify(way.map((login) => Object.values(login).map((part) => (isSecret(part) ? part.reveal() : part))))

/** An error of a jump host, told as that of a host behind it. */
export const ofHost = (place: Stop, error: unknown): unknown => {
  if (!(error instanceof KhactlError) || place.role === 'jump') return error
  const { exit: _, message, ...details } = error.details
  return sshError({ ...details, code: error.code as SshCode, place, what: message })
}
