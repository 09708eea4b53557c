// A root shell on a channel of its own: opens it, and says why it does not open.
import type { ClientChannel } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import type { Ms } from '../model/session.js'
import { withDeadline } from './deadline.js'
import type { Link } from './handshake.js'
import { rootShellCommand } from './root-shell.js'
import { createNonce, openShell, ShellStartError, type Exit, type RootShell, type Wire } from './shell.js'
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
      const channel = await exec(link, { place, command: rootShellCommand(become, ready) })
      const shell = openShell({ wire: wireOf(channel), place, ready, abandon: link.destroy, cause: link.lastError })
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

const exec = (link: Link, { place, command }: { place: Place; command: string }): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(
        sshError({
          code: 'ssh.shell',
          place,
          what: `the SSH server opens no channel for commands: ${error.message}`,
          hint: 'Look at MaxSessions, ForceCommand and Match blocks in the sshd_config.',
          cause: error,
        }),
      )
    try {
      link.client.exec(command, (error, channel) => (error ? fail(error) : resolve(channel)))
    } catch (error) {
      // ssh2 throws "Not connected" right away.
      reject(lostError(place, link.lastError() ?? error))
    }
  })

const wireOf = (channel: ClientChannel): Wire => ({
  write: (bytes) => {
    if (channel.writable) channel.write(bytes)
  },
  end: () => {
    channel.end()
  },
  listen: (ears) => {
    let exit: Exit = { status: null, signal: null }
    channel.on('data', ears.stdout)
    channel.stderr.on('data', ears.stderr)
    channel.on('error', () => undefined)
    channel.stderr.on('error', () => undefined)
    channel.on('exit', (status: number | null, signal?: string) => {
      exit = { status, signal: signal ?? null }
    })
    // Data may follow `exit`, nothing follows `close`.
    channel.on('close', () => ears.closed(exit))
  },
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
      hint: `sudo needs NOPASSWD for now: put \`${place.ssh.user} ALL=(ALL) NOPASSWD: ALL\` into /etc/sudoers.d/khactl on the host.`,
    })
  return sshError({
    ...common,
    code: 'ssh.shell',
    what: `the login shell ended with ${exit.status ?? exit.signal} instead of running /bin/sh: ${error.message}`,
    hint: 'Is the login shell of the account usable, and is there no ForceCommand?',
  })
}
