// os.selinux: SELinux as the inventory wants it; left as it is unless it says otherwise.
import type { Task } from '../../model/playbook.js'
import { selinuxMode } from '../../steps/selinux.js'
import { alike } from '../alike.js'

export const osSelinux: Task = {
  name: 'os.selinux',
  title: 'Set the mode of SELinux',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: alike(({ inventory }) => {
    const { selinux } = inventory.cluster.os
    return selinux === 'leave' ? [] : [selinuxMode(selinux)]
  }),
}
