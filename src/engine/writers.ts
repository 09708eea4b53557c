// Hands: the writers a step's apply is given. Every command ages what is remembered, before and after it ran.
import type { HostRef } from '../model/fact.js'
import { operator, type HostName } from '../model/host.js'
import type { Answer } from '../model/session.js'
import type { Writer, Writers } from '../model/step.js'
import { KhactlError } from '../model/error.js'
import { shown } from '../model/command.js'
import type { Memory } from './memory.js'
import type { Observer } from './observe.js'
import type { Send } from './ports.js'

export interface Hands {
  resolve(ref: HostRef, self: HostName): Promise<HostName>
  /** Holds the hosts while work runs there, taken in one order so that no two steps wait for each other. */
  holding<T>(hosts: readonly HostName[], work: () => Promise<T>): Promise<T>
  writer(host: HostName): Writer
}

export const createHands = (context: { memory: Memory; observer: Observer; send: Send }): Hands => {
  const tails = new Map<HostName, Promise<unknown>>()
  const hold = <T>(host: HostName, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(host) ?? Promise.resolve()
    const mine = before.then(work, work)
    tails.set(
      host,
      mine.catch(() => undefined),
    )
    return mine
  }
  return {
    resolve: async (ref, self) => {
      if (ref === 'self') return self
      if (ref === 'operator') return operator
      if (typeof ref === 'object') return ref.host
      const leader = await context.observer.leader()
      if (leader !== null) return leader
      throw new KhactlError('cluster.no-leader', {
        message: 'no healthy master answers',
        exit: 'failed',
        hint: 'Bring one master back; khactl works through any of them.',
      })
    },
    holding: (hosts, work) => {
      const inOrder = [...new Set(hosts)].toSorted()
      return inOrder.reduceRight((inner: typeof work, host) => () => hold(host, inner), work)()
    },
    writer: (host) => ({
      host,
      run: async (command, options = {}) => {
        context.memory.age(host)
        try {
          const answer = await context.send(host, command, options)
          if ((options.expect ?? [0]).includes(answer.status)) return answer
          throw commandFailed(host, shown(command), options.output === 'secret' ? mute(answer) : answer)
        } finally {
          context.memory.age(host)
        }
      },
    }),
  }
}

const mute = ({ status, stderr }: Answer): Answer => ({ status, stderr, stdout: Buffer.alloc(0) })

const commandFailed = (host: HostName, command: string, answer: { status: number; stdout: Buffer; stderr: Buffer }) => {
  const lines = `${answer.stdout.toString('utf8')}\n${answer.stderr.toString('utf8')}`.split('\n')
  // A script of ours that knows why it gives up says so last.
  const reason = /^khactl: (.*)$/.exec(lines.findLast((line) => line.trim() !== '') ?? '')?.[1]
  return new KhactlError('step.command', {
    message:
      reason === undefined ? `a command failed on ${host} with exit status ${answer.status}` : `${host}: ${reason}`,
    exit: 'failed',
    command,
    status: answer.status,
    tail: lines.filter((line) => line.trim() !== '').slice(-20),
    hint: 'Mend what it complains of, then run the same command again: it goes on from here.',
  })
}

export const createWriters = (hands: Hands, self: HostName): Writers => ({
  self: hands.writer(self),
  at: async (ref) => hands.writer(await hands.resolve(ref, self)),
})
