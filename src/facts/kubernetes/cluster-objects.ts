// The API server's JSON, reduced to what is compared. Pure.

export interface Cluster {
  readonly nodes: readonly ClusterNode[]
  /** Static pods of the masters. */
  readonly controlPlane: readonly Pod[]
  readonly dns: readonly Pod[]
  /** From ConfigMap kubeadm-config: `1.20.2`; null: there is none. */
  readonly version: string | null
  /** From ConfigMap kubeadm-config: the text of ClusterConfiguration; null: there is none. */
  readonly configuration: string | null
  /** ConfigMap khactl: what khactl applied, by name. */
  readonly own: Readonly<Record<string, string>>
  /** Secrets that were made for a join and are still there: by khactl's label, and kubeadm's certificates by name. */
  readonly minted: readonly string[]
  /** The leader's clock, seconds since 1970. */
  readonly now: number
}

export interface ClusterNode {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[]
  readonly schedulable: 'yes' | 'cordoned'
  readonly ready: 'ready' | 'not ready'
  /** Why not; empty when ready. */
  readonly why: string
  /** `1.20.2` */
  readonly kubelet: string
}

export interface Pod {
  readonly name: string
  /** null: not scheduled yet. */
  readonly node: string | null
  readonly ready: 'ready' | 'not ready'
  readonly restarts: number
  /** Seconds since 1970 when the youngest of its containers started; null: one does not run. */
  readonly runningSince: number | null
  /** Somebody restarted its workload (`kubectl rollout restart`). */
  readonly restarted: 'by hand' | 'never'
}

export const parseCluster = (json: Readonly<Record<string, string | null>>, now: number): Cluster => ({
  nodes: items(json['nodes']).map(nodeOf),
  controlPlane: items(json['controlPlane']).map(podOf),
  dns: items(json['dns']).map(podOf),
  version: versionOf(configurationOf(json['kubeadm'] ?? null) ?? ''),
  configuration: configurationOf(json['kubeadm'] ?? null),
  own: stringsOf(parse(json['own'] ?? null)['data']),
  minted: [...new Set([...items(json['minted']), ...items(json['certificates'])].map(nameOf))],
  now,
})

type Json = Readonly<Record<string, unknown>>

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const parse = (json: string | null): Json => (json === null ? {} : object(JSON.parse(json)))
const items = (json: string | null | undefined): readonly Json[] => list(parse(json ?? null)['items'])
const stringsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(object(value)).map(([key, one]) => [key, text(one)]))
const seconds = (value: unknown): number | null => {
  const at = Date.parse(text(value))
  return Number.isNaN(at) ? null : Math.floor(at / 1000)
}

const nameOf = (item: Json): string => text(object(item['metadata'])['name'])

const nodeOf = (node: Json): ClusterNode => {
  const meta = object(node['metadata'])
  const spec = object(node['spec'])
  const status = object(node['status'])
  const ready = list(status['conditions']).find(({ type }) => type === 'Ready')
  return {
    name: text(meta['name']),
    labels: stringsOf(meta['labels']),
    taints: list(spec['taints']).map(({ key, value, effect }) => ({
      key: text(key),
      value: text(value),
      effect: text(effect),
    })),
    schedulable: spec['unschedulable'] === true ? 'cordoned' : 'yes',
    ready: ready?.['status'] === 'True' ? 'ready' : 'not ready',
    why: ready?.['status'] === 'True' ? '' : text(ready?.['message']) || 'its kubelet has not reported yet',
    kubelet: text(object(status['nodeInfo'])['kubeletVersion']).replace(/^v/, ''),
  }
}

const podOf = (pod: Json): Pod => {
  const meta = object(pod['metadata'])
  const status = object(pod['status'])
  const containers = list(status['containerStatuses'])
  const since = containers.map(({ state }) => seconds(object(object(state)['running'])['startedAt']))
  const runs = since.length > 0 && !since.includes(null)
  return {
    name: text(meta['name']),
    node: text(object(pod['spec'])['nodeName']) || null,
    ready: list(status['conditions']).some(({ type, status: now }) => type === 'Ready' && now === 'True')
      ? 'ready'
      : 'not ready',
    restarts: containers.reduce((sum, { restartCount }) => sum + Number(restartCount ?? 0), 0),
    runningSince: runs ? Math.max(...since.map(Number)) : null,
    restarted: 'kubectl.kubernetes.io/restartedAt' in object(meta['annotations']) ? 'by hand' : 'never',
  }
}

const configurationOf = (configMap: string | null): string | null =>
  text(object(parse(configMap)['data'])['ClusterConfiguration']) || null

const versionOf = (configuration: string): string | null =>
  /^kubernetesVersion: *"?v?([\w.+-]+)/m.exec(configuration)?.[1] ?? null
