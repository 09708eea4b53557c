// What etcd's gateway and an API server, or kubectl and etcdctl, printed of the cluster, as one sight of it. Pure.
import type { ClusterView } from '../../model/membership.js'
import type { Vote } from '../../model/quorum.js'
import { parseMembers, parseMembersJson, type EtcdMember } from './etcd-members.js'

/** One member's own answer to `/v3/maintenance/status`. */
export interface MemberStatus {
  /** The client URL that was asked. */
  readonly url: string
  /** Hexadecimal; of itself, and of the leader it follows (`0`: none). */
  readonly id: string
  readonly leader: string
  /** Bytes of its database on disk. */
  readonly size: number
  readonly version: string
  /** Its own complaints, e.g. `etcdserver: no leader`. */
  readonly errors: readonly string[]
}

export interface ClusterSight extends ClusterView {
  readonly etcd: readonly MemberStatus[]
  /** `NOSPACE 8e9e05c52164694d`, … */
  readonly alarms: readonly string[]
}

/** The API server answered, but not this. */
export class Untold extends Error {}

/**
 * For curl's -w: what was asked comes after its answer as `@khactl STATUS URL`, in which no line of JSON begins. The URL of the
 * members' list is `members`.
 */
export const parseClusterView = (text: string): ClusterSight =>
  /^@khactl /m.test(text) ? byGateway(text) : byEtcdctl(text.split('\n'))

interface Json {
  readonly items?: readonly { readonly metadata: { readonly name: string } }[]
  readonly alarms?: readonly { readonly memberID: string; readonly alarm: string }[]
  readonly gitVersion?: string
}

const byGateway = (text: string): ClusterSight => {
  const parts = text.split(/\n@khactl (\d{3}) (\S+)\n/)
  const answers = parts.flatMap((body, index) =>
    index % 3 === 0 && index + 2 < parts.length
      ? [{ body, status: parts[index + 1], url: parts[index + 2] ?? '' }]
      : [],
  )
  const told = answers.filter(({ status }) => status === '200')
  const json = (end: string): Json | null => {
    const found = told.find(({ url }) => url.endsWith(end))
    return found === undefined ? null : (JSON.parse(found.body) as Json)
  }
  const [nodes, version] = [json('/nodes'), json('/version')]
  // One that is away is away for both; then the members alone are known.
  if ((nodes === null) !== (version === null))
    throw new Untold(`the API server did not tell ${nodes === null ? 'the nodes' : 'its version'}`)
  const etcd = told.filter(({ url }) => url.endsWith(statusPath)).map(jsonStatus)
  return {
    members: parseMembersJson(told.find(({ url }) => url === 'members')?.body ?? '').map((one) => voteOf(one, etcd)),
    nodes: (nodes?.items ?? []).map(({ metadata }) => metadata.name),
    version: (version?.gitVersion ?? '').replace(/^v/, ''),
    etcd,
    alarms: (json('/alarm')?.alarms ?? []).map(({ memberID, alarm }) => `${alarm} ${hex(memberID)}`),
  }
}

const byEtcdctl = (lines: readonly string[]): ClusterSight => {
  const rest = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const etcd = fieldStatuses(rest('field'))
  const { gitVersion = '' } = JSON.parse(rest('version')[0] || '{}') as Json
  return {
    members: parseMembers(rest('member').join('\n')).map((one) => voteOf(one, etcd)),
    nodes: rest('name').map((name) => name.replace(/^node\//, '')),
    version: gitVersion.replace(/^v/, ''),
    etcd,
    alarms: [],
  }
}

/** Of a member's own client URL. */
const statusPath = '/v3/maintenance/status'

const voteOf = ({ id, name, peerUrls, part }: EtcdMember, statuses: readonly MemberStatus[]): Vote => {
  const answers = statuses.some((status) => status.id === id && status.leader !== '0')
  return { id, name, peerUrls, part, answers: answers ? 'yes' : 'no' }
}

const hex = (decimal: string | undefined): string => BigInt(decimal ?? '0').toString(16)

/** 64-bit numbers come as decimal strings. */
const jsonStatus = ({ url, body }: { readonly url: string; readonly body: string }): MemberStatus => {
  const found = JSON.parse(body) as {
    readonly header: { readonly member_id: string }
    readonly leader?: string
    readonly dbSize?: string
    readonly version?: string
    readonly errors?: readonly string[]
  }
  return {
    url: url.slice(0, -statusPath.length),
    id: hex(found.header.member_id),
    leader: hex(found.leader),
    size: Number(found.dbSize ?? 0),
    version: found.version ?? '',
    errors: found.errors ?? [],
  }
}

/** etcdctl's `-w fields`: `"MemberID" : 1234`, a group a member, closed by its `"Endpoint"`. */
const fieldStatuses = (lines: readonly string[]): readonly MemberStatus[] => {
  const found: MemberStatus[] = []
  let group = new Map<string, string>()
  for (const line of lines) {
    const [, key = '', value = ''] = /^"(\w+)" : "?(.*?)"?$/.exec(line) ?? []
    group.set(key, value)
    if (key !== 'Endpoint') continue
    const number = (name: string): string => group.get(name) ?? '0'
    found.push({
      url: value,
      id: hex(number('MemberID')),
      leader: hex(number('Leader')),
      size: Number(number('DBSize')),
      version: group.get('Version') ?? '',
      errors: [],
    })
    group = new Map()
  }
  return found
}
