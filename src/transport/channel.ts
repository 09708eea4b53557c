// A root shell on a channel of its own: opens it, and says why it does not open.
import type { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { withDeadline } from './deadline.js'
import type { Link } from './link.js'
import { rootShellCommand } from './root-shell.js'
import { createNonce, openShell, ShellStartError, type RootShell } from './shell.js'
import { lostError, sshError, type Place } from './ssh-error.js'

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
      const shell = await link.exec({ command, terminal: 'none' }, (wire) =>
        openShell({ wire, place, ready, abandon: () => link.destroy(), cause: () => link.lastError() }),
      )
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
