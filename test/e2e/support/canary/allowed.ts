// Where a secret has to be: files of root's that the programs on a host are configured with, and what the operator keeps.
import type { Hit } from './search.js'

const table: readonly { readonly secret: RegExp; readonly place: RegExp }[] = [
  { secret: /^keepalived-password$/, place: /^haproxy-\d:\/etc\/keepalived\/keepalived\.conf$/ },
  { secret: /^registry-password$/, place: /^(master|worker)-\d:\/etc\/containerd\/config\.toml$/ },
  { secret: /^key of admin\.conf$/, place: /^master-\d:\/etc\/kubernetes\/admin\.conf$/ },
  { secret: /^key of (the CA|service accounts)$/, place: /^master-\d:\/etc\/kubernetes\/pki\/(ca|sa)\.key$/ },
  // etcd is where Kubernetes keeps its Secrets; its log remembers those that were deleted
  { secret: /join token|certificate key/, place: /^master-\d:\/var\/lib\/etcd\// },
  { secret: /./, place: /^inventory:\/(secrets\/[a-z-]+|id_[a-z0-9]+|[a-z0-9-]+\.kubeconfig)$/ },
]

export const allowed = (hit: Hit): boolean =>
  table.some(({ secret, place }) => secret.test(hit.secret) && place.test(hit.place))
