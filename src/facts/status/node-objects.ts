// The Node objects as a person asks for them: ready, under pressure, cordoned by whom; asked of one master, of its own API.
import { gunzipSync } from 'node:zlib'
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import { join, raw } from '../../text/sh.js'
import { apiPort } from '../kubernetes/api.js'
import { kubeTools } from '../kubernetes/leader-tools.js'
import { readOnly } from '../mint.js'

export interface NodeObject {
  readonly name: string
  readonly role: 'master' | 'worker'
  readonly ready: 'yes' | 'no'
  /** Why not; empty when ready. */
  readonly why: string
  /** Seconds since 1970 when that changed last; null: never told. */
  readonly readySince: number | null
  /** Of its kubelet, without `v`. */
  readonly version: string
  readonly address: string
  /** `MemoryPressure`, `DiskPressure`, …: whatever condition but Ready is true. */
  readonly pressures: readonly string[]
  readonly cordon: Cordon | null
}

export interface Cordon {
  /** What khactl noted when it cordoned the node; null: it was somebody else. */
  readonly byKhactl: string | null
  /** Who last wrote `unschedulable`, as the API server calls them: `kubectl`, `kubectl-cordon`; null: not recorded. */
  readonly manager: string | null
  /** Seconds since 1970; null: not recorded. */
  readonly since: number | null
}

/** What steps note on a node before they cordon it. */
const cordonedBy = 'khactl.io/cordoned-by'

const script = `
p=/etc/kubernetes/pki
if command -v curl >/dev/null
then curl -q -sS -f -m 20 --noproxy '*' --cacert $p/ca.crt --cert $p/apiserver-kubelet-client.crt --key $p/apiserver-kubelet-client.key --resolve kubernetes:${apiPort}:127.0.0.1 https://kubernetes:${apiPort}/api/v1/nodes
else kube get --raw /api/v1/nodes
fi`

const kind: Kind<null, readonly NodeObject[]> = {
  name: 'node objects',
  stays: 'moment',
  cost: 'cheap',
  within: 30_000,
  ask: () => readOnly(join([raw('{ '), kubeTools, raw(script), raw('; } | gzip -1')], '')),
  tell: ({ stdout, stderr }, args) => {
    const seen = tellNodes(stdout, stderr.toString('utf8').trim().split('\n').at(-1) ?? '')
    return args.map(() => seen)
  },
}

const tellNodes = (stdout: Buffer, why: string) => {
  try {
    return known(parseNodes(gunzipSync(stdout).toString('utf8')))
  } catch {
    return unreadable(`the API server did not tell the nodes: ${why}`)
  }
}

export const nodeObjects = (): Fact<readonly NodeObject[]> => fact(kind, null)

interface Json {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly managedFields?: readonly { readonly manager: string; readonly time?: string; readonly fieldsV1?: object }[]
  }
  readonly spec?: {
    readonly unschedulable?: boolean
    readonly taints?: readonly { readonly key: string; readonly timeAdded?: string }[]
  }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly nodeInfo?: { readonly kubeletVersion?: string }
  }
}
interface Condition {
  readonly type: string
  readonly status: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

/** Throws for what is no list of nodes. */
export const parseNodes = (json: string): readonly NodeObject[] =>
  (JSON.parse(json) as { readonly items: readonly Json[] }).items.map(nodeOf)

const nodeOf = (node: Json): NodeObject => {
  const { metadata, status = {} } = node
  const labels = Object.keys(metadata.labels ?? {})
  const conditions = status.conditions ?? []
  const ready = conditions.find(({ type }) => type === 'Ready')
  const isMaster = labels.some((label) => /^node-role\.kubernetes\.io\/(master|control-plane)$/.test(label))
  return {
    name: metadata.name,
    role: isMaster ? 'master' : 'worker',
    ready: ready?.status === 'True' ? 'yes' : 'no',
    why: ready?.status === 'True' ? '' : ready?.message || 'its kubelet has not reported yet',
    readySince: secondsOf(ready?.lastTransitionTime),
    version: (status.nodeInfo?.kubeletVersion ?? '').replace(/^v/, ''),
    address: status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    pressures: conditions.filter((one) => one.type !== 'Ready' && one.status === 'True').map(({ type }) => type),
    cordon: node.spec?.unschedulable === true ? cordonOf(node) : null,
  }
}

const cordonOf = ({ metadata, spec }: Json): Cordon => {
  const writer = metadata.managedFields?.find(
    ({ fieldsV1 = {} }) => 'f:spec' in fieldsV1 && 'f:unschedulable' in (fieldsV1['f:spec'] as object),
  )
  const taint = spec?.taints?.find(({ key }) => key === 'node.kubernetes.io/unschedulable')
  return {
    byKhactl: metadata.annotations?.[cordonedBy] ?? null,
    manager: writer?.manager ?? null,
    since: secondsOf(taint?.timeAdded) ?? secondsOf(writer?.time),
  }
}

const secondsOf = (time: string | undefined): number | null => {
  const at = Date.parse(time ?? '')
  return Number.isNaN(at) ? null : Math.floor(at / 1000)
}
