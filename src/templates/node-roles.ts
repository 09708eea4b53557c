// Labels and taints that kubeadm gives a node for its role, which come back when somebody takes them away.
import type { Host, Taint, Version } from '../model/inventory.js'

export interface NodeRoles {
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
}

/** The names changed: label `control-plane` from 1.20 on beside `master` up to 1.23; taint likewise from 1.24 and to 1.24 (kubeadm #2200). */
export const nodeRoles = ({ minor }: Version, { roles }: Host): NodeRoles => {
  const isMaster = roles.includes('master')
  const isWorker = roles.includes('worker')
  const labels = [
    ...(isMaster ? ['control-plane', ...(minor <= 23 ? ['master'] : [])] : []),
    ...(isWorker ? ['worker'] : []),
  ]
  const taints =
    isMaster && !isWorker ? [...(minor <= 24 ? ['master'] : []), ...(minor >= 24 ? ['control-plane'] : [])] : []
  return {
    labels: Object.fromEntries(labels.map((name) => [`node-role.kubernetes.io/${name}`, ''])),
    taints: taints.map((name) => ({ key: `node-role.kubernetes.io/${name}`, value: '', effect: 'NoSchedule' })),
  }
}
