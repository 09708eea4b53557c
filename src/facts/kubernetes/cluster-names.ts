// Where the cluster itself names its hosts: kubeadm's ConfigMap and the one that joining hosts read; asked of the leader.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { kubernetesYaml, yamlDocuments } from '../../text/yaml.js'
import { readOnly } from '../mint.js'
import { kubeTools } from './leader-tools.js'

export interface ClusterNames {
  /** ConfigMap kubeadm-config, ClusterStatus (up to 1.21); null: there is none. */
  readonly status: { readonly text: string; readonly hosts: readonly string[] } | null
  /** ConfigMap kubeadm-config, ClusterConfiguration; null: there is none. */
  readonly configuration: { readonly text: string; readonly endpoint: string } | null
  /** ConfigMap cluster-info, whose `kubeconfig` hosts join by; null: there is none. */
  readonly info: { readonly text: string; readonly server: string } | null
}

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const dataOf = (configMap: string | null): Json =>
  configMap === null ? {} : object(object(JSON.parse(configMap))['data'])

export const parseClusterNames = (kubeadm: string | null, clusterInfo: string | null): ClusterNames => {
  const status = text(dataOf(kubeadm)['ClusterStatus'])
  const configuration = text(dataOf(kubeadm)['ClusterConfiguration'])
  const info = text(dataOf(clusterInfo)['kubeconfig'])
  const read = (yaml: string): Json => object(yamlDocuments(yaml)[0])
  const [first] = (read(info || '{}')['clusters'] ?? []) as readonly unknown[]
  return {
    status: status === '' ? null : { text: status, hosts: Object.keys(object(read(status)['apiEndpoints'])) },
    configuration:
      configuration === ''
        ? null
        : { text: configuration, endpoint: text(read(configuration)['controlPlaneEndpoint']) },
    info: info === '' ? null : { text: info, server: text(object(object(first)['cluster'])['server']) },
  }
}

/** The text of a ClusterStatus without this host. */
export const withoutHost = (status: string, name: string): string => {
  const before = object(yamlDocuments(status)[0])
  const endpoints = Object.entries(object(before['apiEndpoints'])).filter(([host]) => host !== name)
  return kubernetesYaml({ ...before, apiEndpoints: Object.fromEntries(endpoints) })
}

const script = ['kube-system/configmaps/kubeadm-config', 'kube-public/configmaps/cluster-info']
  .map(
    (
      path,
    ) => `if o=$(kube get --raw /api/v1/namespaces/${path} 2>&1); then printf '%s\\n@khactl 200\\n' "$o"; else case $o in *NotFound*) printf '\\n@khactl 404\\n';; *) printf '%s\\n@khactl 000\\n' "$o";; esac; fi
`,
  )
  .join('')

const kind: Kind<null, ClusterNames> = {
  name: 'cluster names',
  stays: 'world',
  cost: 'cheap',
  within: 30_000,
  ask: () => readOnly(join([kubeTools, raw(script)], '')),
  tell: ({ stdout, stderr }, args) => {
    const seen = tellNames(stdout.toString('utf8'), stderr.toString('utf8'))
    return args.map(() => seen)
  },
}

const tellNames = (stdout: string, stderr: string) => {
  const parts = stdout.split(/\n@khactl (\d{3})\n/)
  const answers = [0, 2].map((at) => ({ body: parts[at] ?? '', status: parts[at + 1] ?? '000' }))
  const bad = answers.find(({ status }) => status === '000')
  if (bad) return unreadable(`where the cluster names its hosts: ${(bad.body || stderr).trim().split('\n').at(-1)}`)
  const [kubeadm, info] = answers.map(({ body, status }) => (status === '200' ? body : null))
  try {
    return known(parseClusterNames(kubeadm ?? null, info ?? null))
  } catch (error) {
    return unreadable(`where the cluster names its hosts: ${String(error)}`)
  }
}

/** Asked of the leader. */
export const clusterNames = (): Fact<ClusterNames> => fact(kind, null, 'leader')
