// Takes a snapshot on a master, through the etcdctl of its etcd container, and proves that it is whole.
import { KhactlError } from '../../../model/error.js'
import type { Writer } from '../../../model/step.js'
import { apiPort } from '../../../facts/kubernetes/api.js'
import { leaderTools } from '../../../facts/kubernetes/leader-tools.js'
import { join, raw, sh } from '../../../text/sh.js'
import { transient } from '../../transient.js'

export interface TakenSnapshot {
  readonly path: string
  readonly bytes: number
  /** Of the whole file. */
  readonly sha256: string
}

/** Writing it takes as long as reading the database: a gigabyte is a matter of seconds, on a slow disk of minutes. */
export const takeSnapshot = async (leader: Writer): Promise<TakenSnapshot> => {
  const { tail } = await transient(leader, {
    name: 'etcd-snapshot',
    summary: 'etcdctl snapshot save',
    command: join([leaderTools, raw(script)], ''),
    within: 900_000,
  })
  const [, path, bytes, sha256] = /^taken (\/\S+) (\d+) ([0-9a-f]{64})$/.exec(tail.at(-1) ?? '') ?? []
  if (path === undefined || sha256 === undefined)
    throw new KhactlError('etcd.snapshot', {
      message: `etcd on ${leader.host} took a snapshot, but did not say which`,
      exit: 'failed',
      tail,
    })
  return { path, bytes: Number(bytes), sha256 }
}

export const dropSnapshot = async (leader: Writer, { path }: TakenSnapshot): Promise<void> => {
  await leader.run(sh`rm -f ${path}`)
}

// etcd's data folder is the only one that the container shares with the host and may write to. What an earlier run left
// there goes first, and no more is written than leaves the disk of etcd room. etcdutl reads a snapshot from 3.5 on, and
// alone from 3.6 on; both look into the database, so etcd's own checksum behind it is compared by hand.
const script = `
die() { rm -f "$f" "$f.part"; echo "khactl: $*"; exit 1; }
manifest=/etc/kubernetes/manifests/etcd.yaml
dir=$(sed -n 's/^ *- --data-dir=//p' $manifest); dir=\${dir:-/var/lib/etcd}; f=$dir/khactl-snapshot.db
umask 077
rm -f "$f" "$f.part"
need=$(du -sk "$dir/member/snap/db" | cut -f 1); free=$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')
[ "$free" -gt $((need*2+102400)) ] || die "a snapshot of etcd needs $((need/1024)) MiB in $dir and leaves its disk too little room: $((free/1024)) MiB are free"
pod=etcd-$(sed -n 's/^ *- --name=//p' $manifest)
in_etcd() { kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://127.0.0.1:${apiPort} --tls-server-name kubernetes --cache-dir /dev/null/none -n kube-system exec "$pod" -- "$@"; }
out=$(in_etcd etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \\
  --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key \\
  --command-timeout 600s snapshot save "$f" 2>&1) || die "etcd took no snapshot: $(echo "$out" | tail -n 1)"
status=$(in_etcd etcdutl snapshot status "$f" 2>/dev/null) || status=$(in_etcd etcdctl snapshot status "$f" 2>&1) || die "the snapshot cannot be read: $(echo "$status" | tail -n 1)"
size=$(wc -c <"$f")
told=$(tail -c 32 "$f" | od -An -v -tx1 | tr -d ' \\n')
counted=$(head -c "$((size-32))" "$f" | sha256sum); counted=\${counted%% *}
[ "$told" = "$counted" ] || die 'the checksum in the snapshot is not that of its database'
chmod 600 "$f" && whole=$(sha256sum <"$f") || die 'the snapshot cannot be hashed'
echo "etcd says: $status"
echo "taken $f $size \${whole%% *}"`
