// A cluster made by hand may have a master's own address for its endpoint; before that master goes, it is given the real one.
import { see } from '../../../model/look.js'
import { step, type Change, type Step } from '../../../model/step.js'
import { clusterNames, type ClusterNames } from '../../../facts/kubernetes/cluster-names.js'
import type { Leaver } from './leaver.js'
import { patchConfigMap } from './patch.js'

export interface ForgetNames {
  readonly leaver: Pick<Leaver, 'name' | 'nodeIP'>
  /** Of the API, `10.0.0.5:6443`. */
  readonly endpoint: string
}

/** Id `cluster:names`. Kubeconfigs need none of this: a host whose own do not name the endpoint is refused as foreign. */
export const forgetNamesStep = (wanted: ForgetNames): Step =>
  step<ClusterNames>({
    id: 'cluster:names',
    title: `Name the endpoint instead of ${wanted.leaver.name} in the cluster's ConfigMaps`,
    look: see(clusterNames()),
    diff: (have) => editsOf(wanted, have).map(({ change }) => change),
    writes: ['leader'],
    apply: async (at, have) => {
      const leader = await at.at('leader')
      for (const { configMap, from, to } of editsOf(wanted, have)) await patchConfigMap(leader, { configMap, from, to })
    },
  })

const editsOf = ({ leaver, endpoint }: ForgetNames, { configuration, info }: ClusterNames) => {
  const change = (path: string, from: string, to: string): Change => ({ path, from, to, impact: 'none' })
  const url = `https://${endpoint}`
  return [
    ...(configuration !== null && isHost(configuration.endpoint, leaver)
      ? [
          {
            configMap: { namespace: 'kube-system', name: 'kubeadm-config', key: 'ClusterConfiguration' },
            from: configuration.text,
            to: replaced(configuration.text, { key: 'controlPlaneEndpoint', value: endpoint }),
            change: change('ConfigMap kubeadm-config controlPlaneEndpoint', configuration.endpoint, endpoint),
          },
        ]
      : []),
    ...(info !== null && isHost(info.server.replace(/^https:\/\//, ''), leaver)
      ? [
          {
            configMap: { namespace: 'kube-public', name: 'cluster-info', key: 'kubeconfig' },
            from: info.text,
            to: replaced(info.text, { key: 'server', value: url }),
            change: change('ConfigMap cluster-info server', info.server, url),
          },
        ]
      : []),
  ]
}

/** `HOST:PORT` or `HOST`. */
const isHost = (endpoint: string, { name, nodeIP }: ForgetNames['leaver']): boolean =>
  [name, nodeIP, `[${nodeIP}]`].includes(endpoint.replace(/:\d+$/, ''))

/** The one line with this key. */
const replaced = (text: string, { key, value }: { readonly key: string; readonly value: string }): string =>
  text.replace(new RegExp(`^( *${key}:) .*$`, 'm'), `$1 ${value}`)
