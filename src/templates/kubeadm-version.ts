// What of kubeadm's configuration format depends on the Kubernetes version.
import type { Cluster, Json, JsonValue, Version } from '../model/inventory.js'
import { containerdSocket } from './containerd.js'
import { asObject, isObject } from './merge-json.js'

export type KubeadmApi = 'v1beta2' | 'v1beta3' | 'v1beta4'

/** v1beta2 from 1.15, v1beta3 from 1.22, v1beta4 from 1.31 (kubeadm's release notes); the newest that the version reads. */
export const kubeadmApi = ({ minor }: Version): KubeadmApi => {
  if (minor >= 31) return 'v1beta4'
  return minor >= 22 ? 'v1beta3' : 'v1beta2'
}

export const kubeadmHeader = (version: Version, kind: string): Json => ({
  apiVersion: `kubeadm.k8s.io/${kubeadmApi(version)}`,
  kind,
})

/** From 1.24 on kubeadm wants a URL; before, its own defaults are plain paths. */
export const criSocket = ({ minor }: Version): string => `${minor >= 24 ? 'unix://' : ''}${containerdSocket}`

/** v1beta4 turned the maps of extra arguments into lists, so that an argument may come twice. */
export const extraArgs = (version: Version, args: Readonly<Record<string, string>>): JsonValue =>
  kubeadmApi(version) === 'v1beta4' ? Object.entries(args).map(([name, value]) => ({ name, value })) : { ...args }

/**
 * Brings `extraArgs` that the inventory writes as maps into the version's form, with every value a string as kubeadm wants
 * it: the same inventory serves 1.20 and 1.34. Lists are left as they are; only v1beta4 takes them.
 */
export const withExtraArgs = (version: Version, configuration: Json): Json => {
  const convert = (component: Json): Json => {
    const args = component['extraArgs']
    if (!isObject(args)) return component
    const texts = Object.entries(args).map(([name, value]) => [name, argument(value)] as const)
    return { ...component, extraArgs: extraArgs(version, Object.fromEntries(texts)) }
  }
  const components = ['apiServer', 'controllerManager', 'scheduler'].filter((name) => isObject(configuration[name]))
  const converted = components.map((name) => [name, convert(asObject(configuration[name]))] as const)
  const etcd = asObject(configuration['etcd'])
  const local = isObject(etcd['local']) ? { etcd: { ...etcd, local: convert(etcd['local']) } } : {}
  return { ...configuration, ...Object.fromEntries(converted), ...local }
}

const argument = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Phases that `kubeadm join` knows at the top; it refuses a name that it does not know, and so does `init`. */
const joinPhases = new Set([
  'preflight',
  'control-plane-prepare',
  'kubelet-start',
  'etcd-join',
  'kubelet-wait-bootstrap',
  'control-plane-join',
])
const joinOnly = new Set(['control-plane-prepare', 'etcd-join', 'kubelet-wait-bootstrap', 'control-plane-join'])

/** Those of the inventory's `skipPhases` that this command has. */
export const skippedPhases = (cluster: Cluster, command: 'init' | 'join'): readonly string[] => {
  const top = (phase: string) => phase.split('/')[0] ?? phase
  return cluster.skipPhases.filter((phase) =>
    command === 'join' ? joinPhases.has(top(phase)) : !joinOnly.has(top(phase)),
  )
}

/** v1beta2 has no `skipPhases`: there they are a flag of the command, later part of the configuration. */
export const skipPhaseFlags = (cluster: Cluster, command: 'init' | 'join'): readonly string[] => {
  const phases = skippedPhases(cluster, command)
  return kubeadmApi(cluster.version) === 'v1beta2' && phases.length > 0 ? [`--skip-phases=${phases.join(',')}`] : []
}

/** The `skipPhases` part of InitConfiguration and JoinConfiguration. */
export const skipPhasesPart = (cluster: Cluster, command: 'init' | 'join'): Json => {
  const phases = skippedPhases(cluster, command)
  return kubeadmApi(cluster.version) === 'v1beta2' || phases.length === 0 ? {} : { skipPhases: phases }
}

/** `kubeadm config validate` exists from 1.26 on. */
export const canValidate = ({ minor }: Version): boolean => minor >= 26
