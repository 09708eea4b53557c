// How a host asks an API server over HTTP: shell functions shared by the facts that need an answer and not an object.
import { raw } from '../../text/sh.js'

/** Port of every API server itself, as kubeadm's localAPIEndpoint; the endpoint's port may differ. */
export const apiPort = 6443

/**
 * `own_api PATH` and `as_kubelet SERVER PATH` set `answer` to `<STATUS>`, or to `<000>` and why; `flat TEXT` prints it as one
 * line without its end. `answer_of_own_api PATH` and `answer_to_kubelet SERVER PATH` do both, for `$(…)`, which costs a
 * process more. `has_curl` is `y` or empty. `kubectl_alone …` is for a subshell: it changes the environment.
 * curl where there is one (10 ms), else the host's kubectl (50 ms); neither reads a configuration of root's nor writes a
 * cache. Proxies are for the outside world, never for the cluster. A look shares its shell with others: nothing is unset
 * or exported outside of the question's own process.
 */
export const askApi = raw(`k=/etc/kubernetes
has_curl=; ! command -v curl >/dev/null || has_curl=y
flat() { set -f; set -- $1; set +f; printf '%s' "$*"; }
by_curl() { answer=$(curl -q -sS -m 3 --noproxy '*' -o /dev/null -w '<%{http_code}>' --cacert $k/pki/ca.crt "$@" 2>&1) || :; }
kubectl_alone() { unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY KUBECONFIG; HOME=/nonexistent kubectl --cache-dir /dev/null/none "$@"; }
by_kubectl() { if answer=$(kubectl_alone --request-timeout 3s "$@" 2>&1 >/dev/null); then answer='<200>'
  else case $answer in *NotFound*) answer='<404>';; *nauthorized*) answer='<401>';; *orbidden*) answer='<403>';; *) answer="<000> $answer";; esac; fi; }
own_api() { if [ "$has_curl" ]
  then by_curl --cert $k/pki/apiserver-kubelet-client.crt --key $k/pki/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1 "https://kubernetes:${apiPort}$1"
  else by_kubectl --kubeconfig $k/admin.conf --server https://127.0.0.1:${apiPort} --tls-server-name kubernetes get --raw "$1"; fi; }
as_kubelet() { c=/var/lib/kubelet/pki/kubelet-client-current.pem; if [ "$has_curl" ]
  then by_curl --cert $c --key $c -H 'Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' "$1$2"
  else by_kubectl --kubeconfig $k/kubelet.conf --server "$1" get --raw "$2"; fi; }
answer_of_own_api() { own_api "$1"; flat "$answer"; }
answer_to_kubelet() { as_kubelet "$1" "$2"; flat "$answer"; }
`)

/** What a line of theirs says. `stranger`: the server's certificate is not of the CA that this host trusts. */
export type ApiAnswer = 'ok' | 'absent' | 'refused' | 'failing' | 'stranger' | 'silent'

export const readAnswer = (line: string): ApiAnswer => {
  const status = /<(\d{3})>/.exec(line)?.[1] ?? '000'
  if (status === '200') return 'ok'
  if (status === '404') return 'absent'
  if (status === '401' || status === '403') return 'refused'
  if (status !== '000') return 'failing'
  return /unknown authority|unable to get (?:local )?issuer|self[- ]signed/i.test(line) ? 'stranger' : 'silent'
}
