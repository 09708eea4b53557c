// What a change does to a fake host, command by command: every step of the real graph is one of these.
import { standing, type Backend } from '../../../src/endpoint/backends.js'
import type { HostName } from '../../../src/model/host.js'
import type { Effect } from './world.js'

/** A command, which can be cut off between any two of its effects, or a transient job with what it begins with and leaves. */
export type Action =
  /** `at` absent: where the real step writes. */
  | { readonly do: 'command'; readonly at?: 'leader'; readonly effects: readonly Effect[] }
  | {
      readonly do: 'job'
      readonly name: string
      /** There before it: a body that finds it fails, as kubeadm does on a host that was not cleaned up. */
      readonly refuses?: string
      readonly begins: readonly Effect[]
      readonly leaves: readonly Effect[]
    }

export interface Script {
  /** What is to be so, as key and value, which may follow from what is there; null: absent. */
  readonly wants: { readonly key: string; readonly to: string | null | ((have: string | null) => string) }
  readonly actions: readonly Action[]
  /** There is nothing to do whatever the value is, unless this is there. */
  readonly only?: string
}

interface Of {
  readonly host: HostName
  readonly role: 'master' | 'worker' | 'haproxy'
  readonly step: string
  readonly backends: readonly Backend[]
}

/** Stands for what the step wants. */
export const asWanted = 'as wanted'
export const member = 'member'
export const marker = { init: 'marker-init', join: 'marker-join' } as const
/** Not a value but what a look makes of several: a membership that was begun and is none. */
export const unfinished = 'unfinished'
export const tokenOf = (host: HostName): string => `cluster:token:${host}`

export const scriptOf = (of: Of): Script => {
  const { host, step } = of
  const set = (key: string, to: string | null): Effect => ({ host, key, to })
  const run = (...effects: readonly Effect[]): Action => ({ do: 'command', effects })
  switch (step) {
    case 'kubeadm:init':
      return {
        wants: { key: member, to: 'master' },
        actions: [run(set(marker.init, 'there')), kubeadm('init', of)],
      }
    case 'kubeadm:join': {
      const leader = (to: string | null): Action => ({ do: 'command', at: 'leader', effects: [set(tokenOf(host), to)] })
      return {
        wants: { key: member, to: of.role },
        actions: [leader('minted'), run(set(marker.join, 'there')), kubeadm('join', of), leader(null)],
      }
    }
    case 'kubeadm:cleanup':
      return { wants: { key: unfinished, to: null }, actions: [reset(of)] }
    case 'kubeadm:revoke': {
      const tokens = { host, key: 'cluster:token:*', to: null }
      return { wants: { key: tokens.key, to: null }, actions: [{ do: 'command', at: 'leader', effects: [tokens] }] }
    }
    case 'kubeadm:leave':
      return { wants: { key: member, to: null }, actions: [reset(of)] }
    case 'kubeadm:finish-join':
      return { wants: { key: marker.join, to: null }, only: marker.join, actions: [run(set(marker.join, null))] }
    case 'kubeadm:finish-init':
      return { wants: { key: marker.init, to: null }, only: marker.init, actions: [run(set(marker.init, null))] }
    case 'config:haproxy':
      return haproxy(of, 'before')
    case 'config:haproxy-members':
      return haproxy(of, 'after')
    case 'etcd:leave':
      return forgetting(of, `cluster:etcd:${host}`)
    case `node:forget:${host}`:
      return forgetting(of, `cluster:node:${host}`)
    default:
      // Labels are the Node's, whoever's lane the step stands in.
      if (step.startsWith('node:') && step !== 'node:drain')
        return {
          wants: { key: `cluster:${step}`, to: 'done' },
          actions: [run(set(`cluster:${step}`, 'half'), set(`cluster:${step}`, 'done'))],
        }
      return step.startsWith('packages:') || step === 'kubernetes:images'
        ? { wants: { key: step, to: 'done' }, actions: [job(of)] }
        : { wants: { key: step, to: 'done' }, actions: [run(set(step, 'half'), set(step, 'done'))] }
  }
}

/** The real rule of who stands behind haproxy; its file is replaced in one command. */
const haproxy = ({ host, backends }: Of, when: 'before' | 'after'): Script => {
  const key = 'config:haproxy'
  const to = (have: string | null): string =>
    standing(backends, { when, listed: have?.split(' ') ?? [] })
      .map(({ name }) => name)
      .join(' ')
  return { wants: { key, to }, actions: [{ do: 'command', effects: [{ host, key, to: asWanted }] }] }
}

const kubeadm = (verb: 'init' | 'join', { host, role }: Of): Action => ({
  do: 'job',
  name: `kubeadm-${verb}`,
  refuses: member,
  begins: [{ host, key: member, to: 'half' }],
  leaves: [
    { host, key: member, to: role },
    ...(role === 'master' ? [{ host, key: `cluster:etcd:${host}`, to: 'voter' }] : []),
    { host, key: `cluster:node:${host}`, to: 'there' },
    { host, key: marker[verb], to: null },
  ],
})

const reset = ({ host }: Of): Action => ({
  do: 'job',
  name: 'kubeadm-reset',
  begins: [],
  leaves: [member, marker.init, marker.join].map((key) => ({ host, key, to: null })),
})

const job = ({ host, step }: Of): Action => ({
  do: 'job',
  name: step.replaceAll(/[^\w.-]/g, '-'),
  begins: [{ host, key: step, to: 'half' }],
  leaves: [{ host, key: step, to: 'done' }],
})

const forgetting = ({ host }: Of, key: string): Script => ({
  wants: { key, to: null },
  actions: [{ do: 'command', at: 'leader', effects: [{ host, key, to: null }] }],
})

export interface Sent {
  readonly lane: string
  readonly step: string
  readonly action: Action
}

/** What a command on its way to a fake host says; a job's comes as the waiter's input. */
export const sentIn = (text: string): Sent => JSON.parse(text.slice(text.indexOf('{'))) as Sent
