// The members of etcd as the leader's member lists them.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { leaderTools } from './leader-tools.js'

export interface EtcdMember {
  /** Hexadecimal. */
  readonly id: string
  /** Empty until it started for the first time. */
  readonly name: string
  readonly peerUrls: readonly string[]
  readonly part: 'voter' | 'learner' | 'unstarted'
}

/** `ID, started|unstarted, NAME, PEER URLS, CLIENT URLS, true|false` a line (etcdctl 3.4 on; JSON has ids beyond 2^53). */
export const parseMembers = (text: string): readonly EtcdMember[] =>
  text
    .split('\n')
    .map((line) => line.split(', '))
    .filter(([id = '']) => /^[0-9a-f]+$/.test(id))
    .map(([id = '', status, name = '', peers = '', , learner]) => ({
      id,
      name,
      peerUrls: peers.split(',').filter((url) => url !== ''),
      part: status !== 'started' ? 'unstarted' : learner === 'true' ? 'learner' : 'voter',
    }))

const kind: Kind<null, readonly EtcdMember[]> = {
  name: 'etcd members',
  stays: 'moment',
  cost: 'cheap',
  within: 30_000,
  ask: () => readOnly(join([leaderTools, raw('etcd member list')], '')),
  tell: ({ stdout, stderr, status }, args) => {
    const members = parseMembers(stdout.toString('utf8'))
    const seen =
      status === 0 && members.length > 0
        ? known(members)
        : unreadable(`etcd: ${stderr.toString('utf8').trim().split('\n').at(-1) ?? `exit status ${status}`}`)
    return args.map(() => seen)
  },
}

/** Asked of the leader. */
export const etcdMembers = (): Fact<readonly EtcdMember[]> => fact(kind, null, 'leader')
