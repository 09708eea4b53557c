// Every task a playbook may name. A name is a path: `kubeadm.join-master` is src/tasks/kubeadm/join-master.ts.
import type { Task } from '../model/playbook.js'
import { endpointHealthy } from './endpoint/healthy.js'
import { endpointMembers } from './endpoint/members.js'
import { endpointPrepare } from './endpoint/prepare.js'
import { kubeadmInit } from './kubeadm/init.js'
import { kubeadmJoinMaster } from './kubeadm/join-master.js'
import { kubeadmJoinWorker } from './kubeadm/join-worker.js'
import { osFirewall } from './os/firewall.js'
import { osHosts } from './os/hosts.js'
import { osKernel } from './os/kernel.js'
import { osSelinux } from './os/selinux.js'
import { osSwap } from './os/swap.js'
import { osTime } from './os/time.js'
import { packagesRepository } from './packages/repository.js'

const tasks: readonly Task[] = [
  osHosts,
  osTime,
  osSwap,
  osKernel,
  osSelinux,
  osFirewall,
  packagesRepository,
  endpointPrepare,
  endpointMembers,
  endpointHealthy,
  kubeadmInit,
  kubeadmJoinMaster,
  kubeadmJoinWorker,
]

export const registry: ReadonlyMap<string, Task> = new Map(tasks.map((task) => [task.name, task]))
