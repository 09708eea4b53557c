// Every task a playbook may name. A name is a path: `kubeadm.join-master` is src/tasks/kubeadm/join-master.ts.
import type { Task } from '../model/playbook.js'
import { clusterCoredns } from './cluster/coredns.js'
import { clusterHealthy } from './cluster/healthy.js'
import { clusterKubeconfig } from './cluster/kubeconfig.js'
import { clusterNodes } from './cluster/nodes.js'
import { cni } from './cni.js'
import { commandTask } from './command.js'
import { containerd } from './containerd.js'
import { directoryTask } from './directory.js'
import { endpointHealthy } from './endpoint/healthy.js'
import { endpointLeave } from './endpoint/leave.js'
import { endpointMembers } from './endpoint/members.js'
import { endpointPrepare } from './endpoint/prepare.js'
import { etcdRebuild } from './etcd/rebuild.js'
import { etcdSnapshot } from './etcd/snapshot.js'
import { hostClean } from './host/clean.js'
import { inventoryForget } from './inventory/forget.js'
import { fileTask } from './file.js'
import { kernelModuleTask } from './kernel-module.js'
import { kubeadmCertificate } from './kubeadm/certificate.js'
import { kubeadmConfigMap } from './kubeadm/config-map.js'
import { kubeadmForget } from './kubeadm/forget.js'
import { kubeadmInit } from './kubeadm/init.js'
import { kubeadmJoinMaster } from './kubeadm/join-master.js'
import { kubeadmJoinWorker } from './kubeadm/join-worker.js'
import { kubeadmLeave } from './kubeadm/leave.js'
import { kubeadmReset } from './kubeadm/reset.js'
import { kubernetesImages } from './kubernetes/images.js'
import { kubernetesPackages } from './kubernetes/packages.js'
import { osFirewall } from './os/firewall.js'
import { osHosts } from './os/hosts.js'
import { osKernel } from './os/kernel.js'
import { osSelinux } from './os/selinux.js'
import { osSwap } from './os/swap.js'
import { osTime } from './os/time.js'
import { packageTask } from './package.js'
import { packagesRepository } from './packages/repository.js'
import { preflight } from './preflight.js'
import { sysctlTask } from './sysctl.js'
import { unitTask } from './unit.js'

/** Those that say nothing of Kubernetes: what people's own playbooks are made of. */
const generic: readonly Task[] = [
  fileTask,
  directoryTask,
  packageTask,
  unitTask,
  sysctlTask,
  kernelModuleTask,
  commandTask,
]

const tasks: readonly Task[] = [
  ...generic,
  preflight,
  osHosts,
  osTime,
  osSwap,
  osKernel,
  osSelinux,
  osFirewall,
  packagesRepository,
  containerd,
  kubernetesPackages,
  kubernetesImages,
  endpointPrepare,
  endpointMembers,
  endpointLeave,
  endpointHealthy,
  kubeadmInit,
  kubeadmConfigMap,
  kubeadmJoinMaster,
  kubeadmJoinWorker,
  kubeadmCertificate,
  kubeadmForget,
  kubeadmLeave,
  kubeadmReset,
  hostClean,
  etcdSnapshot,
  etcdRebuild,
  inventoryForget,
  cni,
  clusterNodes,
  clusterCoredns,
  clusterKubeconfig,
  clusterHealthy,
]

const byName = (all: readonly Task[]): ReadonlyMap<string, Task> => new Map(all.map((task) => [task.name, task]))

export const registry = byName(tasks)
export const genericTasks = byName(generic)
