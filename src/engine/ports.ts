// What the engine needs from outside. It cannot print, name kubeadm or open a socket.
import type { Command } from '../model/command.js'
import type { Emit } from '../model/event.js'
import type { Fact, Seen } from '../model/fact.js'
import type { HostName } from '../model/host.js'
import type { Answer, ChannelName, Ms } from '../model/session.js'
import type { RunOptions } from '../model/step.js'

export interface Question {
  readonly host: HostName
  readonly channel: ChannelName
  readonly facts: readonly Fact<unknown>[]
  /** It goes out right behind the host's lock. */
  readonly behind?: 'lock'
}

export interface Ports {
  /** One request; answers by fact key. Never throws: what could not be told is unreadable. */
  ask(question: Question): Promise<ReadonlyMap<string, Seen<unknown>>>
  readonly emit: Emit
  now(): Ms
  wait(ms: Ms): Promise<void>
}

/** Sends a command that changes a host. Only a walk that applies is given one. */
export type Send = (host: HostName, command: Command, options: RunOptions) => Promise<Answer>
