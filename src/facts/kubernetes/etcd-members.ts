// The members of etcd as the leader's member lists them.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { kubeTools } from './leader-tools.js'

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

/** etcd's own JSON gateway (`/v3/cluster/member/list`, 3.4 on); 64-bit ids come as decimal strings. */
export const parseMembersJson = (text: string): readonly EtcdMember[] => {
  const { members = [] } = JSON.parse(text) as { readonly members?: readonly JsonMember[] }
  return members.map(({ ID, name = '', peerURLs = [], clientURLs = [], isLearner }) => ({
    id: BigInt(ID).toString(16),
    name,
    peerUrls: peerURLs,
    part: name === '' || clientURLs.length === 0 ? 'unstarted' : isLearner === true ? 'learner' : 'voter',
  }))
}

interface JsonMember {
  readonly ID: string
  readonly name?: string
  readonly peerURLs?: readonly string[]
  readonly clientURLs?: readonly string[]
  readonly isLearner?: boolean
}

// curl takes 10 ms, an exec through kubectl ten times that.
const script = `p=/etc/kubernetes/pki/etcd
if command -v curl >/dev/null
then curl -q -sS -f -m 10 --noproxy '*' --cacert $p/ca.crt --cert $p/healthcheck-client.crt --key $p/healthcheck-client.key -d '{}' https://127.0.0.1:2379/v3/cluster/member/list
else etcd member list
fi`

/** None where what was printed is neither form, or not whole. */
const membersIn = (text: string): readonly EtcdMember[] => {
  try {
    return text.startsWith('{') ? parseMembersJson(text) : parseMembers(text)
  } catch {
    return []
  }
}

const kind: Kind<null, readonly EtcdMember[]> = {
  name: 'etcd members',
  stays: 'moment',
  cost: 'cheap',
  within: 30_000,
  ask: () => readOnly(join([kubeTools, raw(script)], '')),
  tell: ({ stdout, stderr, status }, args) => {
    const members = status === 0 ? membersIn(stdout.toString('utf8')) : []
    const why =
      stderr.toString('utf8').trim().split('\n').at(-1) || `exit status ${status}, and no members that can be read`
    const seen = members.length > 0 ? known(members) : unreadable(`etcd: ${why}`)
    return args.map(() => seen)
  },
}

/** Asked of the leader. */
export const etcdMembers = (): Fact<readonly EtcdMember[]> => fact(kind, null, 'leader')
