// Labels and taints of a node's role, which come back when somebody takes them away.
import type { Host, Taint, Version } from '../model/inventory.js'

export interface NodeRoles {
  readonly labels: {
    readonly byKubeadm: Readonly<Record<string, string>>
    /** kubeadm labels no worker, so `kubectl get nodes` would show no role for it. */
    readonly byKhactl: Readonly<Record<string, string>>
  }
  readonly taints: readonly Taint[]
}

/** The names changed: label `master` up to 1.23, `control-plane` from 1.20 on; taints up to and from 1.24 (kubeadm #2200). */
export const nodeRoles = ({ minor }: Version, { roles }: Host): NodeRoles => {
  const isMaster = roles.includes('master')
  const isWorker = roles.includes('worker')
  const masterNames = ['control-plane', ...(minor <= 23 ? ['master'] : [])]
  const taintNames = [...(minor <= 24 ? ['master'] : []), ...(minor >= 24 ? ['control-plane'] : [])]
  return {
    labels: { byKubeadm: labelled(isMaster ? masterNames : []), byKhactl: labelled(isWorker ? ['worker'] : []) },
    taints:
      isMaster && !isWorker ? taintNames.map((name) => ({ key: role(name), value: '', effect: 'NoSchedule' })) : [],
  }
}

const role = (name: string): string => `node-role.kubernetes.io/${name}`

const labelled = (names: readonly string[]) => Object.fromEntries(names.map((name) => [role(name), '']))
