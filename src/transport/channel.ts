// A root shell on a channel of its own: opens it, and says why it does not open.
import type { ClientChannel } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { withDeadline } from './deadline.js'
import type { Link } from './handshake.js'
import { rootShellCommand } from './root-shell.js'
import { createNonce, openShell, ShellStartError, type RootShell } from './shell.js'
import { lostError, sshError, type Place } from './ssh-error.js'
import { channelWire } from './wire.js'

export interface ChannelOptions {
  readonly link: Link
  readonly place: Place
  readonly within: Ms
}

/** Rejects with a KhactlError: `ssh.sudo`, `ssh.shell`, `ssh.lost` or `ssh.deadline`. */
export const openRootShell = async (options: ChannelOptions): Promise<RootShell> => {
  const { link, place, within } = options
  const late = () =>
    sshError({
      code: 'ssh.deadline',
      place,
      what: `logged in, but no root shell within ${within / 1000} s`,
      hint: 'A sudo that takes this long often cannot resolve its own host name: look at /etc/hosts there.',
    })
  return withDeadline({
    within,
    late,
    work: async () => {
      const ready = createNonce()
      const become = place.ssh.user === 'root' ? 'login' : 'sudo'
      const command = rootShellCommand(become, ready)
      const shell = await exec(link, {
        place,
        command,
        // At once: `exit` may follow in the same packet as the answer to the exec request.
        use: (channel) =>
          openShell({ wire: channelWire(channel), place, ready, abandon: link.destroy, cause: link.lastError }),
      })
      try {
        await shell.started
      } catch (error) {
        await shell.close()
        throw error instanceof ShellStartError ? startError(place, { error, become, link }) : error
      }
      return shell
    },
  })
}

interface Exec<T> {
  readonly place: Place
  readonly command: string
  readonly use: (channel: ClientChannel) => T
}

const exec = <T>(link: Link, { place, command, use }: Exec<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error & { reason?: unknown }): void => {
      // Without the server's reason it is ssh2 that tells of the end of the connection.
      if (error.reason === undefined) return reject(lostError(place, link.lastError() ?? error))
      return reject(
        sshError({
          code: 'ssh.shell',
          place,
          what: `the SSH server opens no channel for commands: ${error.message}`,
          hint: 'Look at MaxSessions, ForceCommand and Match blocks in the sshd_config.',
          cause: error,
        }),
      )
    }
    try {
      link.client.exec(command, (error, channel) => (error ? fail(error) : resolve(use(channel))))
    } catch (error) {
      // ssh2 throws "Not connected" right away.
      reject(lostError(place, link.lastError() ?? error))
    }
  })

const startError = (
  place: Place,
  { error, become, link }: { error: ShellStartError; become: 'login' | 'sudo'; link: Link },
): KhactlError => {
  const { exit, noise } = error
  if (exit.status === null && exit.signal === null) return lostError(place, link.lastError() ?? undefined)
  const common = { place, status: exit.status, tail: noise }
  if (become === 'sudo')
    return sshError({
      ...common,
      code: 'ssh.sudo',
      what: `${place.ssh.user} cannot become root without a password: ${error.message}`,
      hint: sudoHint(error, place),
    })
  return sshError({
    ...common,
    code: 'ssh.shell',
    what: `the login shell ended with ${exit.status ?? exit.signal} instead of running /bin/sh: ${error.message}`,
    hint: 'Is the login shell of the account usable, and is there no ForceCommand?',
  })
}

const sudoHint = ({ exit, message }: ShellStartError, { ssh }: Place): string => {
  if (exit.status === 127) return 'Install sudo on the host, or log in as root.'
  if (message.includes('tty'))
    return `khactl uses no terminal: add \`Defaults:${ssh.user} !requiretty\` to the sudoers of the host.`
  return `sudo needs NOPASSWD for now: put \`${ssh.user} ALL=(ALL) NOPASSWD: ALL\` into /etc/sudoers.d/khactl on the host.`
}
