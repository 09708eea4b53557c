// The cluster as a master beside its own API server sees it: etcd members and whether each answers, Node names, version.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { apiPort } from './api.js'
import { parseClusterView, Untold, type ClusterSight } from './cluster-sight.js'
import { kubeTools } from './leader-tools.js'

const etcdClient =
  "-sS --noproxy '*' --cacert $p/etcd/ca.crt --cert $p/etcd/healthcheck-client.crt --key $p/etcd/healthcheck-client.key"
const apiClient = `-sS --noproxy '*' --cacert $p/ca.crt --cert $p/apiserver-kubelet-client.crt --key $p/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1`

// Two processes: the members' list says whom to ask, then one curl asks for all the rest, one after the other. A member that
// is gone costs its three seconds; there are few of them as long as the list, which needs a quorum, is told at all.
const script = `p=/etc/kubernetes/pki
by_gateway() {
  members=$(curl -q ${etcdClient} -f -m 5 -d '{}' https://127.0.0.1:2379/v3/cluster/member/list) || return 1
  w='\\n@khactl %{http_code} %{url_effective}\\n'
  printf '%s\\n@khactl 200 members\\n' "$members"
  set --; while :; do
    case $members in *'"clientURLs":["'*) ;; *) break;; esac
    members=\${members#*'"clientURLs":["'}; set -- "$@" "\${members%%'"'*}/v3/maintenance/status"
  done
  [ $# -eq 0 ] || set -- --next ${etcdClient} -g -m 3 -w "$w" -d '{}' "$@"
  curl -q ${apiClient} -m 10 -w "$w" -H 'Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json' https://kubernetes:${apiPort}/api/v1/nodes https://kubernetes:${apiPort}/version \\
    --next ${etcdClient} -m 5 -w "$w" -d '{"action":"GET"}' https://127.0.0.1:2379/v3/maintenance/alarm "$@"
  echo end
}
by_etcdctl() {
  members=$(etcd member list) && nodes=$(kube get nodes -o name) && version=$(kube get --raw /version | tr '\\n' ' ') || return 1
  printf '%s\\n' "$members" | sed 's/^/member /'
  printf '%s\\n' "$nodes" | sed 's/^/name /'
  printf 'version %s\\n' "$version"
  etcd endpoint status --cluster -w fields 2>/dev/null | sed 's/^/field /'
  echo end
}
if ! [ -e /etc/kubernetes/manifests/etcd.yaml ]; then echo none
elif command -v curl >/dev/null; then by_gateway
else by_etcdctl; fi`

const kind: Kind<null, ClusterSight | null> = {
  name: 'cluster view',
  stays: 'moment',
  cost: 'cheap',
  within: 60_000,
  ask: () => readOnly(join([kubeTools, raw(script)], '')),
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
  } catch (error) {
    return unreadable(error instanceof Untold ? `what the cluster is: ${error.message}` : why)
  }
}

/** null: the host runs no member of etcd. Asked of the host itself, as the first look at a master. */
export const clusterView = (): Fact<ClusterSight | null> => fact(kind, null)
