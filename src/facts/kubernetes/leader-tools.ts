// Shell functions for a master: its kubectl as the cluster's admin, and the etcdctl that is in the etcd container.
import { join, raw } from '../../text/sh.js'
import { apiPort } from './api.js'

/**
 * `kube …` talks to the API server beside it, so that it works without the endpoint; `etcd …` needs no more than kubectl.
 * No cache is written (HOME and the cache folder point nowhere), no proxy or other kubeconfig is taken from root. For looks:
 * they share a shell, so what is unset and exported stays within a call.
 */
export const kubeTools = raw(`kube() (
  unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY KUBECONFIG; export HOME=/nonexistent
  exec timeout 60 kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://127.0.0.1:${apiPort} --tls-server-name kubernetes --cache-dir /dev/null/none "$@"
)
etcd() { kube -n kube-system exec "etcd-$(sed -n 's/^ *- --name=//p' /etc/kubernetes/manifests/etcd.yaml)" -- etcdctl \\
  --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \\
  --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key "$@"; }
`)

/** For steps, whose kubeadm is to have neither a proxy of root's nor a kubeconfig. */
export const leaderTools = join(
  [
    raw(`unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY KUBECONFIG
export HOME=/nonexistent
`),
    kubeTools,
  ],
  '',
)
