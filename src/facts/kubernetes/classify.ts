// What a host is, decided from what lies on it and what answers, never from a record of steps done. Pure.
import type { HostState } from '../../model/host.js'
import type { ApiAnswer } from './api.js'
import { apiPort } from './api.js'
import type { Remains } from './remains.js'

export interface Evidence {
  readonly remains: Remains
  /** The endpoint's answer to this host's kubelet about its own Node object; null: it has no kubelet.conf. */
  readonly node: ApiAnswer | null
}

export interface Identity {
  readonly cluster: string
  /** URL of the API endpoint: `https://10.0.0.5:6443`. */
  readonly endpoint: string
  readonly nodeIP: string
  /** null: a host without a Kubernetes role (haproxy alone). */
  readonly role: 'master' | 'worker' | null
}

/** Order matters: a unit of ours at work beats all, another cluster's host is never taken for a leftover of ours. */
export const classify = ({ remains, node }: Evidence, identity: Identity): HostState => {
  if (remains.unit !== null) return { kind: 'busy', unit: remains.unit }
  if (identity.role === null || isFresh(remains)) return { kind: 'fresh' }
  const foreign = foreignTo(remains, { identity, node })
  if (foreign !== null) return { kind: 'foreign', why: foreign }
  const isMaster = remains.files.has('manifests/kube-apiserver.yaml') || remains.files.has('manifests/etcd.yaml')
  if (identity.role === 'worker' && (isMaster || remains.files.has('etcd')))
    return { kind: 'broken', why: 'it is a master or holds data of etcd; the inventory lists it as a worker only' }
  return isMaster || remains.initMarker ? master({ remains, node }) : worker({ remains, node }, identity)
}

const isFresh = ({ files, initMarker, joinMarker }: Remains): boolean =>
  files.size === 0 && initMarker === null && joinMarker === null

const foreignTo = (
  { servers, initMarker, joinMarker }: Remains,
  { identity, node }: { readonly identity: Identity; readonly node: ApiAnswer | null },
): string | null => {
  // Since kubeadm 1.31 the kubelet of a master may talk to the API server beside it; its admin.conf never does.
  const own = [`https://${identity.nodeIP}:${apiPort}`, `https://127.0.0.1:${apiPort}`]
  const kubelet = servers.kubelet !== null && own.includes(servers.kubelet) ? servers.admin : servers.kubelet
  const other = [servers.admin, kubelet, servers.bootstrap].find(
    (server) => server !== null && server !== identity.endpoint,
  )
  if (other !== undefined) return `its API endpoint is ${other}, the inventory's is ${identity.endpoint}`
  const marker = [initMarker, joinMarker].find((one) => one !== null && one.cluster !== identity.cluster)
  if (marker) return `a run for cluster ${marker.cluster} was begun on it`
  if (node === 'stranger') return `${identity.endpoint} does not hold a certificate of the CA this host trusts`
  return null
}

/** A master that lost its way is `broken` unless it is certain that etcd never counted it (kubeadm reset would cost a vote). */
const master = ({ remains, node }: Evidence): HostState => {
  const { files, readyz, etcd, initMarker, joinMarker, kubeadmConfig } = remains
  if (files.has('rebuild') && files.has('etcd')) return halfRebuilt
  const begun = initMarker !== null && isUnfinished({ remains, node })
  if (readyz === 'ok' && files.has('kubelet.conf')) {
    if (begun && kubeadmConfig === 'absent') return { kind: 'half-initialised' }
    return { kind: 'healthy', role: 'master' }
  }
  if (begun) return { kind: 'half-initialised' }
  if (initMarker)
    return {
      kind: 'broken',
      why: `its init may have come to its end, its API server is ${said(readyz)}: bring that up, or run kubeadm reset on it yourself if nothing of it is needed`,
    }
  const counted = files.has('manifests/etcd.yaml') || files.has('etcd')
  if (counted && etcd === 'ok')
    return { kind: 'broken', why: `its etcd member is well, its API server is ${said(readyz)}` }
  if (joinMarker || !counted) return { kind: 'half-joined' }
  const told = node === 'ok' ? 'the cluster knows it as a node' : `the API endpoint is ${said(node)}`
  const why = `its API server is ${said(readyz)}, its etcd member ${said(etcd)}; ${told}`
  return files.has('etcd') ? { kind: 'broken', why, etcd: 'leaderless' } : { kind: 'broken', why }
}

/** Also with a ready API server: at its next start the member may drop every other one. */
const halfRebuilt: HostState = {
  kind: 'broken',
  why: 'a rebuild of its etcd (khactl remove … --rebuild-etcd-from-one-survivor) was cut off, or --force-new-cluster was left in its manifest (docs/disaster.md)',
  etcd: 'half-rebuilt',
}

/**
 * Whether an init whose marker is there can be taken for one that died: a power cut leaves the marker of a finished one
 * too. What the API server tells is certain; else an etcd that is well, or an endpoint that answers by another master,
 * is a cluster. The other hosts of the inventory are nextMove's to judge.
 */
const isUnfinished = ({ remains: { files, etcd, kubeadmConfig }, node }: Evidence): boolean => {
  if (kubeadmConfig === 'ok') return false
  if (kubeadmConfig === 'absent' || !files.has('etcd')) return true
  return etcd !== 'ok' && (node === null || node === 'silent' || node === 'failing')
}

const worker = ({ remains, node }: Evidence, identity: Identity): HostState => {
  const { files, servers, joinMarker } = remains
  // Static pods moved away by hand leave a member's data behind.
  if (files.has('etcd') && !joinMarker)
    return { kind: 'broken', why: 'it holds data of etcd, but no static pod manifest' }
  if (node === 'ok') {
    if (identity.role === 'worker') return { kind: 'healthy', role: 'worker' }
    if (joinMarker) return { kind: 'half-joined' }
    return { kind: 'broken', why: 'it is a worker of the cluster; the inventory lists it as a master' }
  }
  if (node === null || node === 'absent' || !files.has('kubelet.conf')) return { kind: 'half-joined' }
  if (node === 'refused')
    return { kind: 'broken', why: 'the cluster does not accept its kubelet’s certificate for this node name' }
  // An endpoint that is down says nothing about the host, and must not keep `up` from mending it.
  if (identity.role === 'worker' && servers.kubelet === identity.endpoint) return { kind: 'healthy', role: 'worker' }
  return { kind: 'broken', why: `the API endpoint is ${said(node)} when asked from it` }
}

const said = (answer: ApiAnswer | null): string =>
  answer === null
    ? 'not there'
    : {
        ok: 'ready',
        failing: 'not ready',
        refused: 'refusing its certificate',
        absent: 'without its node',
        stranger: 'of another CA',
        silent: 'silent',
      }[answer]
