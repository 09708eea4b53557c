// The cluster as a member of etcd without a leader remembers it; there are no Nodes to be had.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import type { ClusterView } from '../../model/membership.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { parseMembersJson } from './etcd-members.js'

// A member that started without a leader serves no clients, but its peers: HTTP/1 alone. A host that is gone lets nobody
// know, so all are asked at once, with a short limit.
const script = `p=/etc/kubernetes/pki/etcd
peer_says() { curl -q -sS -f --http1.1 -m 3 --noproxy '*' --cacert $p/ca.crt --cert $p/peer.crt --key $p/peer.key "$1"; }
last_view() {
  own=$(sed -n 's/^ *- --initial-advertise-peer-urls=//p' /etc/kubernetes/manifests/etcd.yaml) || return 1
  members=$(peer_says "\${own%%,*}/members") || return 1
  printf 'members %s\\n' "$members"
  for url in $(printf '%s' "$members" | grep -o '"peerURLs":\\["[^"]*' | cut -d '"' -f 4); do
    { peer_says "$url/version" >/dev/null 2>&1 && printf 'answers %s\\n' "$url"; } &
  done
  wait
  echo end
}
if command -v curl >/dev/null; then last_view; else echo 'the host has no curl' >&2; false; fi`

const kind: Kind<null, ClusterView> = {
  name: 'last view of the cluster',
  stays: 'moment',
  cost: 'cheap',
  within: 15_000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const why = stderr.toString('utf8').trim().split('\n').at(-1) ?? ''
    const seen = text.endsWith('end\n') ? known(parseLastView(text)) : unreadable(`its etcd member: ${why}`)
    return args.map(() => seen)
  },
}

/** Asked of a master itself. A member answers here that is there: that it knows no leader is what all of them have in common. */
export const lastView = (): Fact<ClusterView> => fact(kind, null)

export const parseLastView = (text: string): ClusterView => {
  const rest = (word: string): readonly string[] =>
    text.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const answering = rest('answers')
  return {
    // Peers tell their ids as numbers, which are beyond 2^53.
    members: parseMembersJson(
      `{"members":${rest('members')
        .join('')
        .replaceAll(/"id":(\d+)/g, '"ID":"$1"')}}`,
    ).map((member) => ({ ...member, answers: member.peerUrls.some((url) => answering.includes(url)) ? 'yes' : 'no' })),
    nodes: [],
    version: '',
  }
}
