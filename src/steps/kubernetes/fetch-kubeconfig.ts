// The admin's kubeconfig on the operator's machine, 0600, with the endpoint as its server.
import { KhactlError } from '../../model/error.js'
import { all, map, see, type Look } from '../../model/look.js'
import type { Change, Problem, Step, Writers } from '../../model/step.js'
import { isSignedBy, kubeconfig, kubeconfigContent, type Kubeconfig } from '../../facts/kubernetes/kubeconfig.js'
import { sh } from '../../text/sh.js'
import { kubernetesYaml, readYaml } from '../../text/yaml.js'
import { put } from '../put.js'
import { onFresh } from './on-fresh.js'

export interface FetchKubeconfig {
  readonly cluster: string
  /** URL of the API endpoint. */
  readonly endpoint: string
  /** On the operator's machine. */
  readonly file: string
  /** `merge`: the file may hold other clusters, which are kept. `no`: it is ours alone. */
  readonly merge: 'no' | 'merge'
}

const adminConf = '/etc/kubernetes/admin.conf'

type Have = {
  /** The leader's own; null: there is no cluster yet. */
  readonly admin: Kubeconfig | null
  readonly mine: Kubeconfig | null
}

/** `fresh`: the cluster is still to be made. */
export const fetchKubeconfigStep = (wanted: FetchKubeconfig, founding: 'fresh' | 'there'): Step => ({
  id: `kubeconfig:${wanted.file}`,
  title: `Fetch the kubeconfig of ${wanted.cluster}`,
  after: [],
  writes: ['operator'],
  settle: null,
  look: map(look(wanted, founding), (have) => {
    const problems = kubeconfigProblems(wanted, have)
    const changes = problems.length > 0 ? [] : kubeconfigChanges(wanted, have)
    return { changes, problems, apply: (at: Writers) => apply(at, { wanted, have }) }
  }),
})

const look = ({ file }: FetchKubeconfig, founding: 'fresh' | 'there'): Look<Have> =>
  all<Have>({
    admin: onFresh<Kubeconfig | null>(
      see(kubeconfigContent(adminConf, 'leader')),
      founding === 'fresh' ? absent : null,
    ),
    mine: see(kubeconfig(file, 'operator')),
  })

/** Stands for the admin.conf that is still to be made. */
const absent: Kubeconfig = { mode: null, clusters: [], users: [], contexts: [] }

export const kubeconfigProblems = ({ file, cluster, merge }: FetchKubeconfig, { mine }: Have): readonly Problem[] => {
  const others = (mine?.clusters ?? []).filter(({ name }) => name !== cluster).map(({ name }) => name)
  if (merge === 'merge' || others.length === 0) return []
  return [
    {
      level: 'failure',
      message: `${file} holds other clusters (${others.join(', ')}); it is not overwritten`,
      hint: 'Name another file under cluster.kubeconfig.file, or set cluster.kubeconfig.merge to true.',
    },
  ]
}

export const kubeconfigChanges = (wanted: FetchKubeconfig, { admin, mine }: Have): readonly Change[] => {
  const { file, cluster, endpoint } = wanted
  const path = `kubeconfig ${file}`
  const ca = admin?.clusters[0]?.ca ?? ''
  const present = mine?.clusters.find(({ name }) => name === cluster)
  const context = mine?.contexts.find((one) => one.cluster === cluster)
  const user = mine?.users.find(({ name }) => name === context?.user)
  const isOurs =
    present?.server === endpoint && present.ca === ca && user !== undefined && isSignedBy(user.certificate, ca)
  const from = present === undefined ? null : isOurs ? 'as wanted' : 'of another cluster'
  const content: readonly Change[] = isOurs
    ? []
    : [{ path, from, to: `admin of ${cluster} at ${endpoint}`, secret: true, impact: 'none' }]
  if (mine?.mode === 'rw-------') return content
  return [...content, { path: `${path} mode`, from: mine?.mode ?? null, to: 'rw-------', impact: 'none' }]
}

const apply = async (at: Writers, { wanted, have }: { readonly wanted: FetchKubeconfig; readonly have: Have }) => {
  const operator = await at.at('operator')
  const { file, merge } = wanted
  if (kubeconfigChanges(wanted, have).every(({ path }) => path.endsWith(' mode'))) {
    await operator.run(sh`chmod 600 ${file}`)
    return
  }
  const leader = await at.at('leader')
  const admin = await leader.run(sh`cat ${adminConf}`, { output: 'secret' })
  const text = admin.stdout.toString('utf8')
  const bytes = merge === 'no' || have.mine === null ? text : await merged(at, { wanted, admin: text })
  await operator.run(sh`mkdir -p "$(dirname ${file})"`)
  await put(operator, { path: file, bytes: Buffer.from(bytes), mode: 0o600, owner: null })
}

/** Entries of ours replace those of the same name; the user is named after the cluster, as every cluster has that one. */
const merged = async (
  at: Writers,
  { wanted: { file, cluster }, admin }: { readonly wanted: FetchKubeconfig; readonly admin: string },
): Promise<string> => {
  const operator = await at.at('operator')
  const answer = await operator.run(sh`cat ${file}`, { output: 'secret' })
  const ours = readYaml(admin).value as Document
  const theirs = (readYaml(answer.stdout.toString('utf8')).value ?? {}) as Partial<Document>
  const [first] = ours.clusters
  const [user] = ours.users
  if (!first || !user)
    throw new KhactlError('kubeconfig.empty', { message: `${adminConf} names no cluster`, exit: 'failed' })
  const name = `kubernetes-admin@${cluster}`
  const context = { name, context: { cluster, user: name } }
  return kubernetesYaml({
    apiVersion: 'v1',
    kind: 'Config',
    ...theirs,
    clusters: withEntry(theirs.clusters, { ...first, name: cluster }),
    users: withEntry(theirs.users, { ...user, name }),
    contexts: withEntry(theirs.contexts, context),
    'current-context': theirs['current-context'] ?? name,
  })
}

interface Entry {
  readonly name: string
}
interface Document {
  readonly clusters: readonly Entry[]
  readonly users: readonly Entry[]
  readonly contexts: readonly Entry[]
  readonly 'current-context': string
}

const withEntry = (entries: readonly Entry[] | undefined, entry: Entry): readonly Entry[] => [
  ...(entries ?? []).filter(({ name }) => name !== entry.name),
  entry,
]
