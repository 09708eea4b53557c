// A Node object as far as a drain goes, and the pods on it by what a drain does with them; asked of the leader.
import { gunzipSync } from 'node:zlib'
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import { kubeTools } from './leader-tools.js'

export interface NodePods {
  /** null: there is no such Node. */
  readonly node: {
    readonly schedulable: 'yes' | 'cordoned'
    readonly annotations: Readonly<Record<string, string>>
    /** `silent`: no kubelet speaks for it now, so nobody confirms that a pod has ended. */
    readonly kubelet: 'speaks' | 'silent'
  } | null
  /** Those that a drain takes away: no static pods, none of a DaemonSet. In the order of their names. */
  readonly pods: readonly DrainedPod[]
}

export interface DrainedPod {
  /** `NAMESPACE/NAME` */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** `nobody`: no controller will make another one. What has ended is nobody's loss. */
  readonly restoredBy: 'controller' | 'nobody' | 'ended'
  /** Names of its emptyDir volumes. */
  readonly emptyDirs: readonly string[]
}

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const strings = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(object(value)).map(([key, one]) => [key, text(one)]))

/** `node`: the Node's JSON, null where there is none. */
export const parseNodePods = (node: string | null, pods: string): NodePods => {
  const found = node === null ? null : nodeOf(object(JSON.parse(node)))
  return {
    node: found,
    pods: list(object(JSON.parse(pods))['items'])
      .filter((pod) => found?.kubelet !== 'silent' || !('deletionTimestamp' in object(pod['metadata'])))
      .flatMap(podOf)
      .toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  }
}

const nodeOf = (node: Json): NonNullable<NodePods['node']> => ({
  schedulable: object(node['spec'])['unschedulable'] === true ? 'cordoned' : 'yes',
  annotations: strings(object(node['metadata'])['annotations']),
  // The node controller says Unknown 40 s after the last word of a kubelet.
  kubelet: list(object(node['status'])['conditions']).some(
    ({ type, status }) => type === 'Ready' && status === 'Unknown',
  )
    ? 'silent'
    : 'speaks',
})

const podOf = (pod: Json): readonly DrainedPod[] => {
  const meta = object(pod['metadata'])
  const spec = object(pod['spec'])
  const ended = ['Succeeded', 'Failed'].includes(text(object(pod['status'])['phase']))
  const controller = list(meta['ownerReferences']).find((owner) => owner['controller'] === true)
  const isMirror = 'kubernetes.io/config.mirror' in object(meta['annotations'])
  if (isMirror || (controller?.['kind'] === 'DaemonSet' && !ended)) return []
  return [
    {
      name: `${text(meta['namespace'])}/${text(meta['name'])}`,
      labels: strings(meta['labels']),
      restoredBy: ended ? 'ended' : controller ? 'controller' : 'nobody',
      emptyDirs: ended ? [] : list(spec['volumes']).flatMap((one) => ('emptyDir' in one ? [text(one['name'])] : [])),
    },
  ]
}

const kind: Kind<string, NodePods> = {
  name: 'pods on node',
  stays: 'world',
  cost: 'cheap',
  within: 60_000,
  ask: (names) =>
    readOnly(
      join(
        [
          raw('{ '),
          kubeTools,
          sh`for n in ${names}; do `,
          raw(`
if o=$(kube get --raw "/api/v1/nodes/$n" 2>&1); then printf '%s\\n@node 200\\n' "$o"
else case $o in *NotFound*) printf '\\n@node 404\\n';; *) printf '%s\\n@node 000\\n' "$o";; esac; fi
if o=$(kube get --raw "/api/v1/pods?fieldSelector=spec.nodeName=$n" 2>&1); then printf '%s\\n@pods 200\\n' "$o"; else printf '%s\\n@pods 000\\n' "$o"; fi
done; } | gzip -1`),
        ],
        '',
      ),
    ),
  tell: ({ stdout, stderr }, names) => {
    const answers = answersIn(stdout)
    return names.map((name, index) => {
      const [node, pods] = answers.slice(index * 2, index * 2 + 2)
      const why = [node, pods].find((answer) => answer?.status === '000')?.body ?? stderr.toString('utf8')
      if (pods?.status !== '200' || node === undefined || node.status === '000')
        return unreadable(`the pods on ${name}: ${why.trim().split('\n').at(-1)}`)
      try {
        return known(parseNodePods(node.status === '404' ? null : node.body, pods.body))
      } catch {
        return unreadable(`the pods on ${name}: what the API server told is not whole`)
      }
    })
  },
}

/** Bodies are JSON, in which a line cannot begin with `@`. */
const answersIn = (zipped: Buffer): readonly { readonly body: string; readonly status: string }[] => {
  try {
    const parts = gunzipSync(zipped)
      .toString('utf8')
      .split(/\n@(?:node|pods) (\d{3})\n/)
    return parts.flatMap((status, index) => (index % 2 === 1 ? [{ body: parts[index - 1] ?? '', status }] : []))
  } catch {
    return []
  }
}

/** Asked of the leader. */
export const podsOnNode = (name: string): Fact<NodePods> => fact(kind, name, 'leader')
