// kubeadm init or join in its unit, with an eye on the kubelet: why it waits is said, and a kubelet that cannot run ends it (R-U2).
import type { Command } from '../../model/command.js'
import { kubeletTools } from '../../facts/kubernetes/kubelet-trouble.js'
import { join, raw } from '../../text/sh.js'

/** Starts of the kubelet beyond the first, after which it is not waited for: about half a minute with kubeadm's unit. */
const finalRestarts = 3
/** Starts of the kubelet by this job, for static pods that it refused: the first did in every case seen. */
const secondChances = 3

/**
 * kubeadm waits four minutes for a kubelet that dies at each start, and then says nothing of why. Its configuration is
 * written by kubeadm just before the start that counts; a kubelet that had none before that has been restarted in vain, too.
 *
 * A static pod that comes before the kubelet knows its disk is refused for good where it asks for a part of that disk, as
 * etcd's does before kubeadm 1.21.2 (kubernetes#99305): kubeadm then waits for etcd in vain. Started again, the kubelet takes it.
 */
const watch = (beside: string): string => `${kubeletTools}
b=
t=$(mktemp -d /run/khactl/run/kubeadm.XXXXXX) || exit 1
trap 'kill "$w" $b 2>/dev/null; rm -rf "$t"' EXIT
began=$(date +%s)
refused_pods() { journalctl -q --no-pager -o cat -u kubelet --since "@$began" 2>/dev/null | grep -E 'ailed to admit pod.*[ /"](etcd|kube-apiserver|kube-controller-manager|kube-scheduler)-'; }
watch_kubelet() {
  told= base= refused=0 chances=0
  while sleep 1; do
    [ "$(stat -c %Y /var/lib/kubelet/config.yaml 2>/dev/null || echo 0)" -ge "$began" ] || continue
    n=$(refused_pods | wc -l)
    if [ "$n" -gt "$refused" ] && [ "$chances" -lt ${secondChances} ]; then
      refused=$n chances=$((chances+1))
      echo "waiting: the kubelet refused a static pod and is started again: $(refused_pods | tail -n 1 | kubelet_line)"
      systemctl restart kubelet
      continue
    fi
    n=$(kubelet_is NRestarts); n=\${n:-0}
    [ -n "$base" ] && [ "$base" -le "$n" ] || base=$n
    why=$(kubelet_trouble)
    [ -z "$why" ] || [ "$why" = "$told" ] || { echo "waiting: $why"; told=$why; }
    case $why in 'the kubelet failed'*) ;; 'the kubelet ended'*) [ $((n-base)) -ge ${finalRestarts} ] || continue;; *) continue;; esac
    echo "$why" >"$t/why"
    kill "$(cat "$t/pid")"
    return
  done
}
watch_kubelet & w=$!
${beside === '' ? '' : `${beside}{ beside; exec sleep 900; } & b=$!\n`}`

const verdict = `
c=$?
kill "$w" $b 2>/dev/null
if [ -s "$t/why" ]; then
  kubelet_log
  echo "khactl: $(cat "$t/why")"; exit 70
fi
[ "$c" -eq 0 ] || { why=$(kubelet_trouble); [ -z "$why" ] || echo "kubelet: $why"; exit "$c"; }
`

interface Watched {
  /** Its whole command line, which reads this job's standard input. */
  readonly kubeadm: Command
  /** What follows its success. */
  readonly then: Command
  /** Text of a shell function `beside`, run beside kubeadm and ended with it. */
  readonly beside?: string
}

export const watchedKubeadm = ({ kubeadm, then, beside = '' }: Watched): Command =>
  join([raw(`${watch(beside)}sh -c 'echo $$ >"$0"; exec "$@"' "$t/pid" `), kubeadm, raw(verdict), then], '')
