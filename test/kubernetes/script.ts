// Writers that answer from a script, with a journal of what was sent where: as shown, and as it went over the wire.
import { shown, wire } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import type { HostName } from '../../src/model/host.js'
import type { Answer } from '../../src/model/session.js'
import type { RunOptions, Writer, Writers } from '../../src/model/step.js'

export interface Sent {
  readonly host: string
  readonly shown: string
  readonly wire: string
  readonly stdin: string
}

/** stdout and status for a command; null: nothing printed, status 0. */
export type Reply = (sent: Sent) => { readonly stdout?: string; readonly status?: number } | null

export const scripted = (reply: Reply): { readonly at: Writers; readonly sent: readonly Sent[] } => {
  const sent: Sent[] = []
  const writer = (host: string): Writer => ({
    host: host as HostName,
    run: async (command, options: RunOptions = {}) => {
      const one = {
        host,
        shown: shown(command),
        wire: wire(command),
        stdin: Buffer.from(options.stdin ?? []).toString(),
      }
      sent.push(one)
      const { stdout = '', status = 0 } = reply(one) ?? {}
      await Promise.resolve()
      if (!(options.expect ?? [0]).includes(status))
        throw new KhactlError('step.command', { message: 'failed', exit: 'failed', tail: stdout.split('\n') })
      return { status, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) } satisfies Answer
    },
  })
  return {
    sent,
    at: { self: writer('self'), at: (ref) => Promise.resolve(writer(typeof ref === 'string' ? ref : ref.host)) },
  }
}

/** What a transient job's waiter prints at the end. */
export const job = (status: number, lines: readonly string[] = []): { readonly stdout: string } => ({
  stdout: ['', `@job started ${status}`, ...lines].join('\n'),
})
