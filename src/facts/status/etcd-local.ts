// The members of etcd as the member beside the question knows them, also without an API server and without a quorum.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { parseClusterView, type ClusterSight } from '../kubernetes/cluster-view.js'
import { readOnly } from '../mint.js'

export type EtcdSight = Pick<ClusterSight, 'members' | 'etcd' | 'alarms'>

// Alarms are read through a quorum, the rest is what this member remembers (from 3.5 on that must be said). All members
// are asked at once, with a short limit: without a leader every one of them takes its time.
const script = `unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
p=/etc/kubernetes/pki/etcd
[ -e /etc/kubernetes/manifests/etcd.yaml ] || { echo none; exit 0; }
command -v curl >/dev/null || { echo 'the host has no curl' >&2; exit 1; }
says() { curl -q -sS -f -m 3 --noproxy '*' --cacert $p/ca.crt --cert $p/healthcheck-client.crt --key $p/healthcheck-client.key -d "$3" "$1$2"; }
members=$(says https://127.0.0.1:2379 /v3/cluster/member/list '{"linearizable":false}') || exit 1
printf 'members %s\\n' "$members"
{ a=$(says https://127.0.0.1:2379 /v3/maintenance/alarm '{"action":"GET"}' 2>/dev/null) && printf 'alarms %s\\n' "$a"; } &
for url in $(printf '%s' "$members" | grep -o '"clientURLs":\\["[^"]*' | cut -d '"' -f 4); do
  { s=$(says "$url" /v3/maintenance/status '{}' 2>/dev/null) && printf 'status %s %s\\n' "$url" "$s"; } &
done
wait
echo end`

const kind: Kind<null, EtcdSight | null> = {
  name: 'etcd as its member sees it',
  stays: 'moment',
  cost: 'cheap',
  within: 15_000,
  ask: () => readOnly(raw(script)),
  tell: ({ stdout, stderr }, args) => {
    const text = stdout.toString('utf8')
    const why = stderr.toString('utf8').trim().split('\n').at(-1) ?? ''
    if (text === 'none\n') return args.map(() => known(null))
    if (!text.endsWith('end\n')) return args.map(() => unreadable(`its etcd member: ${why}`))
    const { members, etcd, alarms } = parseClusterView(text)
    return args.map(() => known({ members, etcd, alarms }))
  },
}

/** null: the host runs no member. */
export const etcdLocal = (): Fact<EtcdSight | null> => fact(kind, null)
