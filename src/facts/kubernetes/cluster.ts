// The cluster's objects that khactl looks at, asked of the leader in one command: nodes, some pods, some names.
import { gunzipSync } from 'node:zlib'
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { apiPort } from './api.js'
import { parseCluster, type Cluster } from './cluster-objects.js'
import { kubeTools } from './leader-tools.js'
import { certificatesSecret, mintedLabel } from './minted.js'

const kubeSystem = '/api/v1/namespaces/kube-system'
const label = (selector: string): string => `labelSelector=${encodeURIComponent(selector)}`

/** Whole objects, but of Secrets no more than their names ever leaves the API server. */
const objects = {
  nodes: '/api/v1/nodes',
  controlPlane: `${kubeSystem}/pods?${label('tier=control-plane')}`,
  dns: `${kubeSystem}/pods?${label('k8s-app=kube-dns')}`,
  kubeadm: `${kubeSystem}/configmaps/kubeadm-config`,
  own: `${kubeSystem}/configmaps/khactl`,
} as const
const urls = (paths: readonly string[]): string => paths.map((path) => `"$url${path}"`).join(' ')
const secrets = {
  minted: `${kubeSystem}/secrets?${label(mintedLabel)}`,
  // A khactl that died between kubeadm's upload and its own label left it without one.
  certificates: `${kubeSystem}/secrets?fieldSelector=${encodeURIComponent(`metadata.name=${certificatesSecret}`)}`,
} as const

// curl asks for all over one connection (20 ms); kubectl takes 50 ms for each, and discovery for the Secrets. The clock comes
// with each answer, in its header Date. A cluster of a hundred nodes is megabytes of JSON, a twentieth of that on the wire.
const script = `
url=https://kubernetes:${apiPort}; p=/etc/kubernetes/pki
if command -v curl >/dev/null
then
  set -- -q -sS -m 20 --noproxy '*' -w '\\n@khactl %{http_code}\\n' --cacert $p/ca.crt --cert $p/apiserver-kubelet-client.crt --key $p/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1
  curl "$@" -i ${urls(Object.values(objects))} \\
    --next "$@" -i -H 'Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' ${urls(Object.values(secrets))} | gzip -1
else
  { for path in ${Object.values(objects)
    .map((path) => `'${path}'`)
    .join(' ')}; do
    if o=$(kube get --raw "$path" 2>&1); then printf '%s\\n@khactl 200\\n' "$o"; else case $o in *NotFound*) printf '{}\\n@khactl 404\\n';; *) printf '%s\\n@khactl 000\\n' "$o";; esac; fi
  done
  for which in '-l ${mintedLabel}' '--field-selector metadata.name=${certificatesSecret}'; do
    kube -n kube-system get secrets $which -o go-template='{"items":[{{range $i, $s := .items}}{{if $i}},{{end}}{"metadata":{"name":"{{$s.metadata.name}}"}}{{end}}]}' && printf '\\n@khactl 200\\n'
  done
  printf '@now %s\\n' "$(date +%s)"; } | gzip -1
fi`

const kind: Kind<null, Cluster> = {
  name: 'cluster',
  stays: 'world',
  cost: 'cheap',
  within: 60_000,
  ask: () => readOnly(join([kubeTools, raw(script)], '')),
  tell: ({ stdout, stderr }, args) => {
    const seen = tellCluster(stdout, stderr.toString('utf8').trim())
    return args.map(() => seen)
  },
}

const tellCluster = (stdout: Buffer, stderr: string) => {
  try {
    const [answers, now] = answersIn(gunzipSync(stdout).toString('utf8'))
    const names = [...Object.keys(objects), ...Object.keys(secrets)]
    const bad = names.findIndex((_, index) => !['200', '404'].includes(answers[index]?.status ?? ''))
    if (bad !== -1)
      return unreadable(`the API server did not tell ${names[bad]}: ${answers[bad]?.body.trim() ?? stderr}`)
    const found = names.map((name, index) => [name, answers[index]?.status === '200' ? answers[index].body : null])
    return known(parseCluster(Object.fromEntries(found) as Record<string, string | null>, now))
  } catch (error) {
    return unreadable(`the cluster's objects: ${stderr === '' ? String(error) : stderr}`)
  }
}

/** Bodies are JSON, in which a line cannot begin with `@`; curl puts the headers before them. */
const answersIn = (text: string): readonly [readonly { body: string; status: string }[], number] => {
  const parts = text.split(/\n@khactl (\d{3})\n/)
  const answers = parts.flatMap((status, index) =>
    index % 2 === 1 ? [{ body: (parts[index - 1] ?? '').replace(headers, ''), status }] : [],
  )
  const date = headers.exec(parts.at(-3) ?? '')?.[0].match(/^date: *(.*)$/im)?.[1]
  const told = /@now (\d+)/.exec(parts.at(-1) ?? '')?.[1] ?? '0'
  return [answers, date === undefined ? Number(told) : Math.floor(Date.parse(date) / 1000)]
}

const headers = /^HTTP\/[^]*?\r\n\r\n/

/** Asked of the leader, once for all who want it. */
export const cluster = (): Fact<Cluster> => fact(kind, null, 'leader')
