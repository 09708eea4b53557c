// How a host asks an API server over HTTP: shell functions shared by the facts that need an answer and not an object.
import { raw } from '../../text/sh.js'

/** Port of every API server itself, as kubeadm's localAPIEndpoint; the endpoint's port may differ. */
export const apiPort = 6443

/**
 * `answer_of_own_api PATH` and `answer_to_kubelet SERVER PATH` print one line: `<STATUS>`, or `<000>` and why.
 * curl where there is one (10 ms), else the host's kubectl (50 ms); neither reads a configuration of root's nor writes a
 * cache. Proxies are for the outside world, never for the cluster.
 */
export const askApi = raw(`unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY KUBECONFIG
k=/etc/kubernetes
has_curl=$(command -v curl)
by_curl() { curl -q -sS -m 3 --noproxy '*' -o /dev/null -w '<%{http_code}>' --cacert $k/pki/ca.crt "$@" 2>&1 | tr '\\n' ' '; }
by_kubectl() { if o=$(HOME=/nonexistent kubectl --cache-dir /dev/null/none --request-timeout 3s "$@" 2>&1 >/dev/null); then printf '<200>'
  else case $o in *NotFound*) printf '<404>';; *nauthorized*) printf '<401>';; *orbidden*) printf '<403>';; *) printf '<000> %s' "$o" | tr '\\n' ' ';; esac; fi; }
answer_of_own_api() { if [ "$has_curl" ]
  then by_curl --cert $k/pki/apiserver-kubelet-client.crt --key $k/pki/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1 "https://kubernetes:${apiPort}$1"
  else by_kubectl --kubeconfig $k/admin.conf --server https://127.0.0.1:${apiPort} --tls-server-name kubernetes get --raw "$1"; fi; }
answer_to_kubelet() { c=/var/lib/kubelet/pki/kubelet-client-current.pem; if [ "$has_curl" ]
  then by_curl --cert $c --key $c -H 'Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' "$1$2"
  else by_kubectl --kubeconfig $k/kubelet.conf --server "$1" get --raw "$2"; fi; }
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
