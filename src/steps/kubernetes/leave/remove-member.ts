// Takes one member out of etcd, through a survivor: quorum is counted at that very moment, the leadership moved off first.
import { KhactlError } from '../../../model/error.js'
import type { Writer } from '../../../model/step.js'
import type { EtcdMember } from '../../../facts/kubernetes/etcd-members.js'
import { leaderTools } from '../../../facts/kubernetes/leader-tools.js'
import { join, raw, sh } from '../../../text/sh.js'

export interface Removal {
  readonly member: Pick<EtcdMember, 'id' | 'name'>
  /** `only silent`: one that answers now is somebody's, whatever was seen of it before. */
  readonly whom: 'any' | 'only silent'
}

/** A member that is gone already is fine. Throws `etcd.quorum` or `etcd.alive` before anything changed, else `etcd.removal`. */
export const removeMember = async (leader: Writer, { member, whom }: Removal): Promise<void> => {
  const answer = await leader.run(
    join([leaderTools, sh`id=${member.id} whom=${whom === 'any' ? 'any' : 'silent'}`, raw(script)], ''),
    { within: 300_000, expect: [0, ...Object.values(ends)] },
  )
  if (answer.status === 0) return
  const what = member.name === '' ? `member ${member.id}` : `${member.name} (member ${member.id})`
  const why = answer.stdout.toString('utf8').trim().split('\n').at(-1) ?? ''
  throw failure({ what, why, status: answer.status, host: leader.host })
}

const ends = { refused: 79, alive: 78, failed: 77 } as const

const failure = (of: {
  readonly what: string
  readonly why: string
  readonly status: number
  readonly host: string
}) => {
  const { what, why, status, host } = of
  if (status === ends.refused)
    return new KhactlError('etcd.quorum', {
      message: `${what} is not taken out of etcd: ${why}`,
      exit: 'refused',
      hint: `Bring the other members back first: etcdctl endpoint health --cluster, on ${host}.`,
    })
  if (status === ends.alive)
    return new KhactlError('etcd.alive', {
      message: `${what} is not taken out of etcd: ${why}`,
      exit: 'refused',
      hint: 'Somebody runs it. Put its host into the inventory and remove it by name, or switch it off.',
    })
  return new KhactlError('etcd.removal', {
    message: `${what} could not be taken out of etcd: ${why}`,
    exit: 'failed',
    hint: `Look at etcd's log on ${host} (crictl logs), then run the same command again.`,
  })
}

// `member list` prints ID, status, name, peer URLs, client URLs, is learner. An id is 64 bits: compared as text, never as
// a number. Members that have not started count, as they do for etcd; a learner does not (src/model/quorum.ts is the rule
// that a plan goes by, from what it saw then; this one goes by what is now).
const script = `
give_up() { c=$1; shift; echo "$*"; exit "$c"; }
etcd_at() { e=$1; shift; kube -n kube-system exec "etcd-$(sed -n 's/^ *- --name=//p' /etc/kubernetes/manifests/etcd.yaml)" -- etcdctl \\
  --endpoints "$e" --cacert /etc/kubernetes/pki/etcd/ca.crt \\
  --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key "$@"; }
list() { etcd member list 2>&1; }
members=$(list) || give_up ${ends.failed} "etcd does not tell its members: $(echo "$members" | tail -n 1)"
members=$(echo "$members" | grep -E '^[0-9a-f]+, ')  # kubectl may warn of something, too
[ -n "$members" ] || give_up ${ends.failed} 'etcd tells no members'
own=$(echo "$members" | grep "^$id, ") || exit 0
own_urls=$(echo "$own" | awk -F ', ' '{ gsub(",", " ", $5); print $5 }')
if [ "$whom" = silent ]; then
  # One that is yet to start for the first time has told no client URL: kubeadm's is on its peer address.
  urls=$own_urls; [ -n "$urls" ] || urls=$(echo "$own" | awk -F ', ' '{ gsub(":2380", ":2379", $4); gsub(",", " ", $4); print $4 }')
  for url in $urls; do
    etcd_at "$url" --dial-timeout 3s --command-timeout 3s endpoint status >/dev/null 2>&1 && give_up ${ends.alive} "it answers at $url"
  done
fi
health=$(etcd endpoint health --cluster 2>&1)
is_well() { for u in $(echo "$1" | awk -F ', ' '{ gsub(",", " ", $5); print $5 }'); do case $health in *"$u is healthy"*) return 0;; esac; done; return 1; }
all=0 well=0 rest=0 rest_well=0 survivors= target= silent=
while read -r line; do
  [ -n "$line" ] || continue
  case $line in *', true') continue;; esac
  all=$((all+1)); w=; is_well "$line" && w=1 && well=$((well+1))
  case $line in "$id, "*) continue;; esac
  rest=$((rest+1))
  if [ -n "$w" ]; then
    rest_well=$((rest_well+1)); survivors="$survivors $(echo "$line" | awk -F ', ' '{ sub(",.*", "", $5); print $5 }')"
    [ -n "$target" ] || target=\${line%%, *}
  else silent="$silent $(echo "$line" | awk -F ', ' '{ print ($3 == "" ? $4 : $3) }')"; fi
done <<END
$members
END
need=$((rest/2+1))
case $own in
*', true') ;;
*) [ $rest -gt 0 ] || give_up ${ends.refused} 'it is the last member of etcd'
   [ $rest_well -ge $need ] || give_up ${ends.refused} "of the other members ($rest) $rest_well would answer, $need are needed; no answer from:$silent";;
esac
[ $well -ge $((all/2+1)) ] || give_up ${ends.refused} "etcd has no quorum now: of its members ($all) $well answer, $((all/2+1)) are needed"

# The leader is the endpoint whose member is the one it follows.
leader_url() { etcd endpoint status --cluster -w fields 2>/dev/null | awk '
  { gsub("\\"", "") } $1 == "MemberID" { m = $3 "" } $1 == "Leader" { l = $3 "" } $1 == "Endpoint" && (m "") == (l "") { print $3; exit }'; }
at=$(leader_url)
for url in $own_urls; do
  [ "$url" = "$at" ] || continue
  out=$(etcd_at "$url" move-leader "$target" 2>&1) || give_up ${ends.failed} "it leads, and did not hand over: $(echo "$out" | tail -n 1)"
  echo "the leadership of etcd moved to $target"
done

# After a change of leader etcd may take a moment to count its members as connected.
i=0
until out=$(etcd member remove "$id" 2>&1); do
  members=$(list) && ! echo "$members" | grep -q "^$id, " && break
  i=$((i+1)); [ $i -lt 5 ] || give_up ${ends.failed} "$(echo "$out" | tail -n 1)"
  sleep 2
done

gone_everywhere() {
  for url in $survivors; do
    seen=$(etcd_at "$url" member list 2>&1) || { why="$url does not tell its members"; return 1; }
    if echo "$seen" | grep -q "^$id, "; then why="$url still lists it"; return 1; fi
    etcd_at "$url" endpoint health >/dev/null 2>&1 || { why="$url is not healthy"; return 1; }
  done
}
end=$(($(date +%s)+60))
until gone_everywhere; do
  [ "$(date +%s)" -lt "$end" ] || give_up ${ends.failed} "it was removed, but after 60 s $why"
  sleep 1
done`
