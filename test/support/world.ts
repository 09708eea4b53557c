// A world in memory for the engine's laws: values on hosts, a journal of what was asked and sent, and steps over them.
import type { Command, ReadOnly } from '../../src/model/command.js'
import { shown } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import type { Event } from '../../src/model/event.js'
import { fact, known, unreadable, type HostRef, type Kind, type Seen, type Stays } from '../../src/model/fact.js'
import type { HostName } from '../../src/model/host.js'
import { see } from '../../src/model/look.js'
import { changed, step, type Step } from '../../src/model/step.js'
import type { Ports, Question, Send } from '../../src/engine/ports.js'

export const host = (name: string): HostName => name as HostName

const kinds = Object.fromEntries(
  (['host', 'world', 'moment', 'forever'] as const).map((stays) => [stays, valueKind(stays)]),
) as Record<Stays, Kind<string, string | null>>

function valueKind(stays: Stays): Kind<string, string | null> {
  return {
    name: `value-${stays}`,
    stays,
    cost: 'cheap',
    within: 1000,
    ask: () => ({ parts: [''] }) as unknown as ReadOnly,
    tell: () => [],
  }
}

export const value = (name: string, { stays = 'host', at = 'self' }: { stays?: Stays; at?: HostRef } = {}) =>
  see(fact(kinds[stays], name, at))

export interface World {
  readonly values: Map<string, string>
  readonly asked: Question[]
  readonly sent: string[]
  readonly events: Event[]
  readonly ports: Ports
  readonly send: Send
  /** Names for which the next looks cannot be read. */
  readonly blind: Set<string>
  /** Values that a set only shows after that many looks. */
  readonly slow: Map<string, number>
  readonly failing: Set<string>
  /** Of the next commands on a name: lost before they ran, or after. */
  readonly losing: Map<string, ('before' | 'after' | 'ok')[]>
}

export const createWorld = (values: Readonly<Record<string, string>> = {}): World => {
  let time = 0
  const world: World = {
    values: new Map(Object.entries(values)),
    asked: [],
    sent: [],
    events: [],
    blind: new Set(),
    slow: new Map(),
    failing: new Set(),
    losing: new Map(),
    ports: {
      now: () => (time += 1),
      wait: async (ms) => void (time += ms),
      emit: (event) => void world.events.push(event),
      ask: async (question) => {
        world.asked.push(question)
        await Promise.resolve()
        return new Map(question.facts.map((one) => [one.key, answer(world, `${question.host}/${String(one.arg)}`)]))
      },
    },
    send: async (name, command: Command) => {
      const text = shown(command)
      world.sent.push(`${name}: ${text}`)
      const [verb = '', key = '', to = ''] = text.split(' ')
      const loss = world.losing.get(`${name}/${key}`)?.shift()
      if (loss === 'before') throw lost(name)
      if (world.failing.has(`${name}/${key}`))
        return { status: 3, stdout: Buffer.from('no'), stderr: Buffer.from('why') }
      if (verb === 'set') world.values.set(`${name}/${key}`, to)
      if (loss === 'after') throw lost(name)
      return { status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
    },
  }
  return world
}

const lost = (name: string): KhactlError =>
  new KhactlError('ssh.lost', { message: `${name}: the connection was lost`, exit: 'unreachable', status: null })

const answer = (world: World, key: string): Seen<string | null> => {
  if (world.blind.has(key)) return unreadable(`${key} is blind`)
  const left = world.slow.get(key) ?? 0
  if (left > 0) {
    world.slow.set(key, left - 1)
    return known(null)
  }
  return known(world.values.get(key) ?? null)
}

/** A step that wants a value on its host. */
export const want = (name: string, to: string, more: Partial<Pick<Step, 'after' | 'settle' | 'writes'>> = {}): Step =>
  step({
    id: name,
    title: `Set ${name}`,
    look: value(name),
    diff: (have) => changed({ path: name, from: have, to }),
    apply: (at) => at.self.run({ parts: [`set ${name} ${to}`] }),
    ...more,
  })
