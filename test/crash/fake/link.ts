// One run's link to the fake hosts: questions answered, commands carried out, and the one fault that strikes it.
import type { Ports, Question, Send } from '../../../src/engine/ports.js'
import { wire } from '../../../src/model/command.js'
import { KhactlError } from '../../../src/model/error.js'
import type { Event } from '../../../src/model/event.js'
import { known, unreadable } from '../../../src/model/fact.js'
import type { HostName } from '../../../src/model/host.js'
import type { Answer } from '../../../src/model/session.js'
import { keyOf, type Place, type Point } from '../point.js'
import { sentIn, type Action } from './script.js'
import { found } from './site.js'
import { beginJob, cutPower, endJob, pass, take, valueOf, type World } from './world.js'

export const faultNames = ['kill', 'cut', 'sshd', 'power', 'disk'] as const
export type FaultName = (typeof faultNames)[number]

/** Where a run is: before a command reaches the host, when it took effect and nobody was told, or behind the whole step. */
export interface Reached extends Point {
  /** The host that the command is for. */
  readonly at: HostName
}

export interface Link {
  readonly ports: Ports
  readonly send: Send
  /** Resolves when khactl is killed. */
  readonly died: Promise<void>
}

/** `strikes`: called wherever a run can be hit; the fault, or null: it goes on. */
export const createLink = (world: World, strikes: (reached: Reached) => FaultName | null): Link => {
  const applying = new Map<string, Place>()
  const sent = new Map<string, number>()
  const [lost, full] = [new Set<HostName>(), new Set<HostName>()]
  let [allLost, dead, die] = [false, false, (): void => undefined]
  const died = new Promise<void>((done) => (die = done))
  /** Nothing of a dead run goes on. */
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  const isLost = (host: HostName): boolean => allLost || lost.has(host)

  const strike = (reached: Reached): void => {
    const { at: host } = reached
    switch (strikes(reached)) {
      case 'kill':
        dead = true
        return die()
      case 'cut':
        allLost = true
        return
      case 'sshd':
        return void lost.add(host)
      case 'power':
        cutPower(world, host)
        return void lost.add(host)
      case 'disk':
        return void full.add(host)
      case null:
    }
  }
  const gone = (host: HostName): KhactlError =>
    new KhactlError('ssh.lost', { message: `${host}: the connection was lost`, exit: 'unreachable' })

  const carryOut = (host: HostName, action: Action): Answer => {
    if (full.has(host)) return answer(1, 'No space left on device')
    if (action.do === 'command') {
      take(world, action.effects)
      return answer(0, '')
    }
    const { refuses } = action
    if (refuses !== undefined && valueOf(world, { host, key: refuses }) !== null)
      return answer(0, '\n@job started 1\nthe host was not cleaned up\n')
    if (world.jobs.has(host)) throw new Error(`two jobs on ${host}: busy hosts are waited for`)
    beginJob(world, { host, name: action.name, effect: action.leaves })
    take(world, action.begins)
    return answer(0, '\n@job started 0\n')
  }

  return {
    died,
    ports: {
      now: () => (world.now += 1),
      wait: async (ms) => (dead ? never() : pass(world, ms)),
      emit: (event: Event) => {
        if (dead) return
        if (event.type === 'step-applying') applying.set(event.host, placeOf(event))
        if (event.type !== 'step-ended' || event.verdict.kind !== 'changed') return
        strike({ ...placeOf(event), moment: 'after', at: event.host })
      },
      ask: async ({ host, facts }: Question) => {
        await Promise.resolve()
        if (dead) return never()
        return new Map(
          facts.map((one) => [
            one.key,
            isLost(host) ? unreadable('no connection') : known(found(world, { host, key: String(one.arg) })),
          ]),
        )
      },
    },
    send: async (host, command, options) => {
      const { lane, action } = sentIn(options.stdin ? Buffer.from(options.stdin).toString() : wire(command))
      const place = applying.get(lane)
      if (!place) throw new Error(`a command outside of any step on ${lane}`)
      const number = (sent.get(keyOf(place)) ?? 0) + 1
      sent.set(keyOf(place), number)
      const at = (moment: string): Promise<unknown> => {
        if (!dead && !isLost(host)) strike({ ...place, moment: `command ${number}: ${moment}`, at: host })
        if (dead) return never()
        return isLost(host) ? Promise.reject(gone(host)) : Promise.resolve()
      }
      await at('before it')
      if (action.do === 'command' && !full.has(host))
        for (const effect of action.effects.slice(0, -1)) {
          take(world, [effect])
          await at('half-way')
        }
      const told = carryOut(host, action)
      await at(action.do === 'job' ? 'while its job runs' : 'it ran unseen')
      // Who waits for a job is told when it ended.
      endJob(world, host)
      if (action.do === 'job') await at('its job ended unseen')
      return told
    },
  }
}

const answer = (status: number, text: string): Answer => ({
  status,
  stdout: Buffer.from(text),
  stderr: Buffer.alloc(0),
})

const placeOf = ({ stage, host, step }: Place): Place => ({ stage, host, step })
