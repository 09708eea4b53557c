// The gate before a master joins: every member of etcd a healthy voter, every API server ready (R-K1).
import { KhactlError } from '../../model/error.js'
import type { Writer } from '../../model/step.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { apiPort } from '../../facts/kubernetes/api.js'
import { join, sh } from '../../text/sh.js'

/** Waits on the leader, up to five minutes; throws `etcd.unwell` with what was not well. */
export const awaitQuorum = async (leader: Writer): Promise<void> => {
  const answer = await leader.run(join([leaderTools, wait], ''), {
    within: waitSeconds * 1000 + 90_000,
    repeat: 'harmless',
    expect: [0, 75],
    interrupt: 'leave',
  })
  if (answer.status === 0) return
  throw new KhactlError('etcd.unwell', {
    message: `the control plane was not well for ${waitSeconds / 60} minutes, so no master joins: ${lastLine(answer.stdout)}`,
    exit: 'failed',
    hint: `Look at etcd and the API servers first: kubectl -n kube-system get pods, on ${leader.host}.`,
  })
}

const waitSeconds = 300

// The etcdctl of etcd's own container, called there: `kubectl exec` finds the container only once the kubelet has told the API
// of it, ten seconds after init, and needs the API server that is asked about. `member list` prints: id, status, name, peer URLs, client URLs, is learner.
const wait = sh`
p=/etc/kubernetes/pki/etcd
ask() {
  pid=$(grep -lsz "^--trusted-ca-file=$p/ca.crt\$" /proc/[0-9]*/cmdline | head -n 1 | tr -dc 0-9)
  if [ -n "$pid" ] && command -v nsenter >/dev/null
  then timeout 60 nsenter -t "$pid" -m etcdctl --endpoints https://127.0.0.1:2379 --cacert $p/ca.crt --cert $p/healthcheck-client.crt --key $p/healthcheck-client.key "$@"
  else etcd "$@"
  fi
}
unwell() {
  members=$(ask member list 2>&1) || { echo "etcd does not answer: $(echo "$members" | tail -n 1)"; return; }
  bad=$(echo "$members" | awk -F ', ' '$2 != "started" { print "etcd member " $1 " (" $4 ") has not started" } $6 == "true" { print $3 " is a learner of etcd" }')
  [ -z "$bad" ] || { echo "$bad"; return; }
  health=$(ask endpoint health --cluster 2>&1) || { echo "$health" | grep -v 'is healthy' | head -n 1; return; }
  for url in $(echo "$members" | awk -F ', ' '{ print $5 }' | sed 's/,.*//; s/:[0-9]*$//'); do
    kube --server "$url:${apiPort}" --request-timeout 5s get --raw /readyz >/dev/null 2>&1 || { echo "the API server at $url is not ready"; return; }
  done
}
end=$(($(date +%s)+${waitSeconds}))
while :; do
  why=$(unwell)
  [ -n "$why" ] || exit 0
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 1
done
echo "$why"; exit 75`

const lastLine = (stdout: Buffer): string => stdout.toString('utf8').trim().split('\n').at(-1) ?? ''
