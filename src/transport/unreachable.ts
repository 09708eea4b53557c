// Why a host cannot be connected to, in words, and what to try by hand.
import type { KhactlError } from '../model/error.js'
import type { SshLogin } from '../model/inventory.js'
import { sshError, type Stop } from './ssh-error.js'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  EHOSTUNREACH: 'there is no way to this address (host unreachable)',
  ENETUNREACH: 'there is no way to this address (network unreachable)',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'no answer',
}

export const unreachable = (place: Stop, { error, attempts }: { error: Error; attempts: number }): KhactlError => {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const before = placesBefore(place)
  const last = before.at(-1)
  const from = last === undefined ? '' : ` from the jump host ${last.address}`
  const tries = attempts > 1 ? ` (${attempts} tries)` : ''
  if (code === 'EACCES' && last !== undefined)
    return sshError({
      code: 'ssh.unreachable',
      place,
      what: `the jump host ${last.address} forwards no connection to it (${error.message.replace('(SSH) Channel open failure: ', '')})`,
      hint: `Look at AllowTcpForwarding, DisableForwarding and PermitOpen in the sshd_config of ${last.address}.`,
      cause: error,
    })
  return sshError({
    code: 'ssh.unreachable',
    place,
    what: `cannot connect${from}: ${reasons[code] ?? error.message}${tries}`,
    hint: `Is the host up, and is its address right? Try: ${byHand(place.ssh, before)}`,
    cause: error,
  })
}

/** The logins before this one on its way; a host knows its own, a jump host is told. */
const placesBefore = (place: Stop): readonly SshLogin[] =>
  place.before ?? ('jump' in place.ssh ? (place.ssh.jump as readonly SshLogin[]) : [])

const byHand = (ssh: SshLogin, before: readonly SshLogin[]): string => {
  const hops = before.map((hop) => `${hop.user}@${hop.address}${hop.port === 22 ? '' : `:${hop.port}`}`)
  return `ssh ${hops.length === 0 ? '' : `-J ${hops.join(',')} `}-p ${ssh.port} ${ssh.user}@${ssh.address} true`
}
