// The cluster as a master beside its own API server sees it: etcd members and whether each answers, Node names, version.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import type { ClusterView } from '../../model/membership.js'
import type { Vote } from '../../model/quorum.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { apiPort } from './api.js'
import { parseMembers, parseMembersJson, type EtcdMember } from './etcd-members.js'
import { leaderTools } from './leader-tools.js'

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

// All members are asked at once, so one that is gone costs its three seconds once. A line is one write, never torn.
const script = `p=/etc/kubernetes/pki
[ -e /etc/kubernetes/manifests/etcd.yaml ] || { echo none; exit 0; }
if command -v curl >/dev/null
then
  etcd_says() { curl -q -sS -f -m "$1" --noproxy '*' --cacert $p/etcd/ca.crt --cert $p/etcd/healthcheck-client.crt --key $p/etcd/healthcheck-client.key -d "$4" "$2$3"; }
  api_says() { curl -q -sS -f -m 10 --noproxy '*' --cacert $p/ca.crt --cert $p/apiserver-kubelet-client.crt --key $p/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1 "$@"; }
  members=$(etcd_says 5 https://127.0.0.1:2379 /v3/cluster/member/list '{}') || exit 1
  nodes=$(api_says -H 'Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' https://kubernetes:${apiPort}/api/v1/nodes | tr '\\n' ' ') || exit 1
  version=$(api_says https://kubernetes:${apiPort}/version | tr '\\n' ' ') || exit 1
  printf 'members %s\\nnodes %s\\nversion %s\\n' "$members" "$nodes" "$version"
  printf 'alarms %s\\n' "$(etcd_says 5 https://127.0.0.1:2379 /v3/maintenance/alarm '{"action":"GET"}')"
  for url in $(printf '%s' "$members" | grep -o '"clientURLs":\\["[^"]*' | cut -d '"' -f 4); do
    { s=$(etcd_says 3 "$url" /v3/maintenance/status '{}' 2>/dev/null) && printf 'status %s %s\\n' "$url" "$s"; } &
  done
  wait
else
  members=$(etcd member list) && nodes=$(kube get nodes -o name) && version=$(kube get --raw /version | tr '\\n' ' ') || exit 1
  printf '%s\\n' "$members" | sed 's/^/member /'
  printf '%s\\n' "$nodes" | sed 's/^/name /'
  printf 'version %s\\n' "$version"
  etcd endpoint status --cluster -w fields 2>/dev/null | sed 's/^/field /'
fi
echo end`

const kind: Kind<null, ClusterSight | null> = {
  name: 'cluster view',
  stays: 'moment',
  cost: 'cheap',
  within: 60_000,
  ask: () => readOnly(join([leaderTools, raw(script)], '')),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const why = `what the cluster is: ${stderr.toString('utf8').trim().split('\n').at(-1) ?? ''}`
    const seen = text === 'none\n' ? known(null) : text.endsWith('end\n') ? read(text, why) : unreadable(why)
    return args.map(() => seen)
  },
}

const read = (text: string, why: string) => {
  try {
    return known(parseClusterView(text))
  } catch {
    return unreadable(why)
  }
}

/** null: the host runs no member of etcd. Asked of the host itself, as the first look at a master. */
export const clusterView = (): Fact<ClusterSight | null> => fact(kind, null)

interface Json {
  readonly items?: readonly { readonly metadata: { readonly name: string } }[]
  readonly alarms?: readonly { readonly memberID: string; readonly alarm: string }[]
  readonly gitVersion?: string
}

export const parseClusterView = (text: string): ClusterSight => {
  const lines = text.split('\n')
  const rest = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const json = (word: string): Json => JSON.parse(rest(word)[0] || '{}') as Json
  const [listed] = rest('members')
  const members = listed === undefined ? parseMembers(rest('member').join('\n')) : parseMembersJson(listed)
  const etcd = listed === undefined ? fieldStatuses(rest('field')) : rest('status').map(jsonStatus)
  return {
    members: members.map((member) => voteOf(member, etcd)),
    nodes:
      listed === undefined
        ? rest('name').map((name) => name.replace(/^node\//, ''))
        : (json('nodes').items ?? []).map(({ metadata }) => metadata.name),
    version: (json('version').gitVersion ?? '').replace(/^v/, ''),
    etcd,
    alarms: (json('alarms').alarms ?? []).map(({ memberID, alarm }) => `${alarm} ${hex(memberID)}`),
  }
}

const voteOf = ({ id, name, peerUrls, part }: EtcdMember, statuses: readonly MemberStatus[]): Vote => {
  const answers = statuses.some((status) => status.id === id && status.leader !== '0')
  return { id, name, peerUrls, part, answers: answers ? 'yes' : 'no' }
}

const hex = (decimal: string | undefined): string => BigInt(decimal ?? '0').toString(16)

/** 64-bit numbers come as decimal strings. */
const jsonStatus = (line: string): MemberStatus => {
  const [url = '', ...body] = line.split(' ')
  const found = JSON.parse(body.join(' ')) as {
    readonly header: { readonly member_id: string }
    readonly leader?: string
    readonly dbSize?: string
    readonly version?: string
    readonly errors?: readonly string[]
  }
  return {
    url,
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
