// The job that rebuilds etcd from one survivor. Each of its moves can be cut by a power failure, and is begun again.
import type { Command } from '../../model/command.js'
import { askApi } from '../../facts/kubernetes/api.js'
import { rebuildFolder } from '../../facts/kubernetes/remains.js'
import { join, raw, sh } from '../../text/sh.js'

/** `gone`: addresses where no member of etcd may answer. */
export const rebuildScript = (gone: readonly string[]): Command =>
  join([askApi, sh`gone=${gone.join(' ')} kept=${rebuildFolder}`, raw(script)], '')

// The order: manifest kept aside and taken away → no process of etcd → copy of the data → manifest with the flag → one
// member, healthy → manifest taken away → no process → manifest without the flag → healthy → the folder of the rebuild goes.
// A run that finds the folder begins where that one was cut; forcing a cluster of one again changes nothing.
// The kubelet is not trusted to end a pod: one that was started without an API server ends none before it has seen one.
// It may start a container once more within its 20 s of not having looked, so the processes have to stay away that long.
// The last manifest has an annotation more than the first: for the kubelet it is another pod, without a back-off.
const script = `
manifests=/etc/kubernetes/manifests m=$manifests/etcd.yaml
give_up() { echo "khactl: $*"; exit 1; }
has_flag() { grep -qs -e --force-new-cluster "$1"; }
says() { curl -q -sS -f -m 5 --noproxy '*' --cacert $k/pki/etcd/ca.crt --cert $k/pki/etcd/healthcheck-client.crt --key $k/pki/etcd/healthcheck-client.key "$@"; }
umask 077
[ "$has_curl" ] || give_up 'rebuilding etcd needs curl on this host; nothing was changed'
systemctl is-active --quiet kubelet || give_up 'the kubelet does not run, and it is what starts etcd: systemctl status kubelet'
from=$kept/etcd.yaml; [ -s "$from" ] || from=$m
[ -s "$from" ] || give_up "there is no manifest of etcd: $m"
dir=$(sed -n 's/^ *- --data-dir=//p' "$from"); dir=\${dir:-/var/lib/etcd}
metrics=$(sed -n 's/^ *- --listen-metrics-urls=//p' "$from"); metrics=\${metrics:-http://127.0.0.1:2381}; metrics=\${metrics%%,*}
[ -d "$dir/member" ] || give_up "there is no data of etcd in $dir"

well() { case $(curl -q -sS -m 5 --noproxy '*' "$metrics/health" 2>/dev/null | tr -d ' ') in *'"health":"true"'*|*'"health":true'*) ;; *) false;; esac; }
members() { says -d '{"linearizable":false}' https://127.0.0.1:2379/v3/cluster/member/list 2>/dev/null | grep -o '"ID": *"[0-9]*"' | wc -l; }
alone() { well && [ "$(members)" -eq 1 ]; }
ready() { case $(answer_of_own_api /readyz) in '<200>'*) ;; *) false;; esac; }
within() { end=$(($(date +%s)+$1)); shift; until "$@"; do [ "$(date +%s)" -lt "$end" ] || return 1; sleep 1; done; }
arguments() { tr '\\0' '\\n' <"/proc/$1/cmdline" 2>/dev/null; }
processes() { for p in /proc/[0-9]*; do
    c=; read -r c <"$p/comm" 2>/dev/null || continue
    [ "$c" = etcd ] && arguments "\${p#/proc/}" | grep -qxF -e "--data-dir=$dir" && echo "\${p#/proc/}"
  done 2>/dev/null; }
forced() { for p in $(processes); do arguments "$p" | grep -qx -e '--force-new-cluster.*' && return 0; done; return 1; }
unforced_and_well() { [ -n "$(processes)" ] && ! forced && well; }

# Of what a write cut in two leaves, nothing is in the kubelet's folder.
place() { sync; mv -f "$1" "$m" && sync; }
stop() {
  rm -f "$m"; sync
  i=0 quiet=0
  while [ $quiet -lt "$1" ]; do
    pids=$(processes)
    if [ -z "$pids" ]; then quiet=$((quiet+1))
    else
      quiet=0
      if [ $i -ge 40 ]; then kill -KILL $pids 2>/dev/null; elif [ $i -ge 8 ]; then kill -TERM $pids 2>/dev/null; fi
    fi
    i=$((i+1)); [ $i -lt 240 ] || return 1
    sleep 1
  done
}
plain() { sed -e '/^ *- --force-new-cluster/d' -e '/^ *khactl.io\\/etcd-rebuilt:/d' "$1"; }
put_plain() {
  plain "$kept/etcd.yaml" | awk -v d="$(date -u +%Y%m%dT%H%M%SZ)" '
    function mark() { print "    khactl.io/etcd-rebuilt: \\"" d "\\""; done = 1 }
    { print } /^  annotations:$/ && !done { mark() }' >"$kept/part"
  grep -q khactl.io/etcd-rebuilt "$kept/part" || plain "$kept/etcd.yaml" | awk -v d="$(date -u +%Y%m%dT%H%M%SZ)" '
    { print } /^metadata:$/ && !done { print "  annotations:\\n    khactl.io/etcd-rebuilt: \\"" d "\\""; done = 1 }' >"$kept/part"
  grep -q -e --data-dir "$kept/part" && ! has_flag "$kept/part" && chmod 600 "$kept/part" && place "$kept/part"
}
finish() {
  echo 'etcd starts without the flag'
  within 300 unforced_and_well || give_up 'etcd was rebuilt, but is not healthy without the flag after 5 minutes: crictl logs of etcd; run the same command again'
  rm -rf "$kept"; sync
  echo 'the API server comes up'
  within 900 ready || give_up 'etcd is well with one member, but the API server is not ready after 15 minutes: crictl logs of kube-apiserver'
  echo "what etcd held before is in $copy"
  exit 0
}
copy=; [ -s "$kept/copy" ] && copy=$(cat "$kept/copy")

if [ -s "$m" ] && has_flag "$m"; then
  # A power cut came while the flag was there: etcd has started with it again, or is about to.
  if ! [ -s "$kept/etcd.yaml" ]; then mkdir -p "$kept" && plain "$m" >"$kept/part" && mv -f "$kept/part" "$kept/etcd.yaml" || give_up "$kept cannot be written"; fi
  echo 'etcd was left with --force-new-cluster: it gets its manifest back'
  if within 90 well; then
    stop 8 || give_up 'etcd does not end within 4 minutes; run the same command again'
    put_plain || give_up 'the manifest of etcd cannot be written'
    finish
  fi
fi

if [ -s "$m" ] && ! has_flag "$m"; then
  i=0; while [ $i -lt 4 ]; do
    if [ -e "$kept" ] && alone; then finish; fi
    if well; then rm -rf "$kept"; give_up 'etcd has a leader again, so it is not rebuilt'; fi
    i=$((i+1)); sleep 2
  done
fi
for a in $gone; do
  case $a in *:*) u="https://[$a]:2379";; *) u="https://$a:2379";; esac
  says -o /dev/null -m 3 "$u/v3/maintenance/status" -d '{}' 2>/dev/null; c=$?
  case $c in 0|22|35|51|52|56|60) give_up "something answers at $u: switch that host off for good first";; esac
done
need=$(du -sk "$dir/member" | cut -f 1); free=$(df -Pk "\${dir%/*}/" | awk 'NR == 2 { print $4 }')
[ -n "$copy" ] && [ -d "$copy/member" ] && need=0
[ "$free" -gt $((need+102400)) ] || give_up "a copy of etcd needs $((need/1024)) MiB in \${dir%/*}, and 100 MiB are to stay free: $((free/1024)) MiB are free"

if ! [ -s "$kept/etcd.yaml" ]; then
  mkdir -p "$kept" && cp -p "$m" "$kept/part" && sync && mv -f "$kept/part" "$kept/etcd.yaml" || give_up "$kept cannot be written; nothing was changed"
fi
back() { plain "$kept/etcd.yaml" >"$kept/part" && chmod 600 "$kept/part" && place "$kept/part" && [ -z "$copy" ] && rm -rf "$kept"; }
echo 'etcd is stopped'
stop 22 || { back; give_up 'etcd does not end within 4 minutes: it has its manifest back'; }

if [ -z "$copy" ] || ! [ -d "$copy/member" ]; then
  copy=$dir-before-rebuild-$(date -u +%Y%m%dT%H%M%SZ)
  echo "what it holds is copied to $copy"
  rm -rf "$dir"-before-rebuild-*.part
  if mkdir -m 700 "$copy.part" && cp -a "$dir/member" "$copy.part/" && sync && mv "$copy.part" "$copy" && echo "$copy" >"$kept/copy" && sync; then :
  else rm -rf "$copy.part"; c=$copy copy=; back; give_up "$c could not be made: etcd has its manifest back"; fi
fi

echo 'etcd starts with --force-new-cluster'
plain "$kept/etcd.yaml" | sed 's/^\\( *\\)- --data-dir=.*/&\\n\\1- --force-new-cluster=true/' >"$kept/part"
has_flag "$kept/part" || { back; give_up "--data-dir is not where kubeadm writes it in $m"; }
chmod 600 "$kept/part" && place "$kept/part"
within 300 alone; came=$?
[ $came -eq 0 ] || echo 'etcd is not healthy after 5 minutes'
echo 'the flag is taken away'
stop 8 || give_up 'etcd does not end within 4 minutes; run the same command again'
put_plain || give_up 'the manifest of etcd cannot be written'
[ $came -eq 0 ] || give_up 'etcd did not come up with --force-new-cluster within 5 minutes: crictl logs of etcd; then run the same command again'
finish`
