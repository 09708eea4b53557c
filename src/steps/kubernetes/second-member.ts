// The second member of etcd: between its adding and its start there is no quorum, and so no API. What drags that out is ended.

/**
 * kubeadm adds the member, then writes its static pod. The host's kubelet first asks the API to make a mirror of that pod: the
 * API asks etcd, which has no quorum until this very pod runs, and gives up after seven seconds. Meanwhile no lease of the
 * controller manager and the scheduler is renewed, both end, and for half a minute nobody signs a joining kubelet's
 * certificate. So the kubelet's connections to the API are closed until etcd listens: it goes on without the mirror, and
 * starts the pod at once (9 s without a quorum became 2). Where nothing can close them, all takes its time, as it did.
 */
export const besideSecondMember = `
beside() {
  m=/etc/kubernetes/manifests/etcd.yaml
  command -v ss >/dev/null || return 0
  until [ -s $m ]; do sleep 0.2; done
  case $(sed -n 's/.*--initial-cluster=//p' $m) in *,*,*) return 0;; *,*) ;; *) return 0;; esac
  s=$(sed -n 's,^ *server: *https://,,p' /etc/kubernetes/kubelet.conf); h=\${s%:*}; h=\${h#[}
  for a in $(getent ahosts "\${h%]}" | cut -d ' ' -f 1 | sort -u); do
    case $a in *:*) a="[$a]";; esac
    set -- "$@" "$a"
  done
  i=0; while [ $i -lt 20 ]; do
    i=$((i+1)); sleep 0.5
    [ -z "$(ss -Hltn 'sport = :2380' 2>/dev/null)" ] || return 0
    for a; do ss -K dst "$a" dport = ":\${s##*:}"; done >/dev/null 2>&1
  done
}
`
