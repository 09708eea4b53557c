// A manifest applied with the leader's kubectl; what was applied is remembered in the cluster, by its hash.
import { createHash } from 'node:crypto'
import { all, each, map, see } from '../../model/look.js'
import { step, type Change, type Step } from '../../model/step.js'
import { cluster } from '../../facts/kubernetes/cluster.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { apiObject } from '../../facts/kubernetes/object.js'
import { join, sh } from '../../text/sh.js'
import { retry } from '../retry.js'
import { yamlDocuments } from '../../text/yaml.js'
import { onFresh } from './on-fresh.js'

export interface Manifest {
  /** Key in ConfigMap kube-system/khactl, and part of the step's id: `cni`. */
  readonly key: string
  /** As a person knows it: `calico v3.30.2`. */
  readonly name: string
  readonly text: string
}

export type ManifestHave = {
  /** null: none was applied. */
  readonly applied: string | null
  /** Paths of the manifest's DaemonSets and Deployments that the cluster lacks. */
  readonly lacking: readonly string[]
}

/** `fresh`: what a cluster that is still to be made has; null: there is one. */
export const manifestStep = (manifest: Manifest, fresh: ManifestHave | null): Step => {
  const { key, text } = manifest
  const paths = workloads(text)
  return step<ManifestHave>({
    id: `manifest:${key}`,
    title: `Apply ${manifest.name}`,
    look: onFresh(
      map(
        all({ cluster: see(cluster()), objects: each(paths.map((path) => see(apiObject(path)))) }),
        ({ cluster: { own }, objects }) => ({
          applied: own[key] ?? null,
          lacking: paths.filter((_, index) => objects[index] === 'absent'),
        }),
      ),
      fresh,
    ),
    diff: (have) => manifestChanges(manifest, have),
    writes: ['leader'],
    apply: async (at) => {
      const leader = await at.at('leader')
      await leader.run(applyScript(key, named(manifest)), { stdin: Buffer.from(text), within: 300_000 })
    },
  })
}

export const manifestChanges = (manifest: Manifest, { applied, lacking }: ManifestHave): readonly Change[] => {
  const to = named(manifest)
  if (applied !== to) return [{ path: `${manifest.key} manifest`, from: applied, to, impact: 'none' }]
  return lacking.map((path) => ({
    path: path.split('/').slice(-2).join('/'),
    from: null,
    to: 'present',
    impact: 'none',
  }))
}

const named = ({ name, text }: Manifest): string =>
  `${name} (sha256:${createHash('sha256').update(text).digest('hex').slice(0, 12)})`

/** Server-side: a client-side apply keeps the whole text in an annotation, which calico's CRDs burst. */
const applyScript = (key: string, value: string) =>
  join(
    [
      leaderTools,
      retry,
      sh`set -e
t=$(mktemp /run/khactl-manifest.XXXXXX); trap 'rm -f "$t"' EXIT; cat >"$t"
retry 60 kube apply --server-side --force-conflicts --field-manager khactl -f "$t" || exit 1
printf '%s' ${JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'khactl', namespace: 'kube-system' },
        data: { [key]: value },
      })} | kube apply --server-side --force-conflicts --field-manager ${`khactl-${key}`} -f -`,
    ],
    '',
  )

const plurals: Readonly<Record<string, string>> = { DaemonSet: 'daemonsets', Deployment: 'deployments' }

/** API paths of what runs: when somebody deleted it, the recorded hash says nothing. */
const workloads = (text: string): readonly string[] =>
  yamlDocuments(text).flatMap((document) => {
    const { kind, metadata } = document as { kind?: string; metadata?: { name?: string; namespace?: string } }
    const plural = plurals[kind ?? '']
    if (plural === undefined || metadata?.name === undefined) return []
    return [`/apis/apps/v1/namespaces/${metadata.namespace ?? 'default'}/${plural}/${metadata.name}`]
  })
