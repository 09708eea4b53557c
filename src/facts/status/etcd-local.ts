// The members of etcd as the member beside the question knows them, also without an API server and without a quorum.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { parseClusterView, type ClusterSight } from '../kubernetes/cluster-sight.js'
import { readOnly } from '../mint.js'

export type EtcdSight = Pick<ClusterSight, 'members' | 'etcd' | 'alarms'>

// Alarms are read through a quorum, the rest is what this member remembers (from 3.5 on that must be said). All members
// are asked at once, with a short limit: without a leader every one of them takes its time.
const script = `p=/etc/kubernetes/pki/etcd w='\\n@khactl %{http_code} %{url_effective}\\n'
says() { curl -q -g -sS -f -m 3 --noproxy '*' --cacert $p/ca.crt --cert $p/healthcheck-client.crt --key $p/healthcheck-client.key "$@"; }
by_gateway() {
  members=$(says -d '{"linearizable":false}' https://127.0.0.1:2379/v3/cluster/member/list) || return 1
  printf '%s\\n@khactl 200 members\\n' "$members"
  { a=$(says -w "$w" -d '{"action":"GET"}' https://127.0.0.1:2379/v3/maintenance/alarm 2>/dev/null) && printf '%s\\n' "$a"; } &
  for url in $(printf '%s' "$members" | grep -o '"clientURLs":\\["[^"]*' | cut -d '"' -f 4); do
    { s=$(says -w "$w" -d '{}' "$url/v3/maintenance/status" 2>/dev/null) && printf '%s\\n' "$s"; } &
  done
  wait
  echo end
}
if ! [ -e /etc/kubernetes/manifests/etcd.yaml ]; then echo none
elif command -v curl >/dev/null; then by_gateway
else echo 'the host has no curl' >&2; false; fi`

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
