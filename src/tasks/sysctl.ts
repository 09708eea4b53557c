// sysctl: a kernel setting, now and, by a file of its own in /etc/sysctl.d, after a reboot.
import type { Task } from '../model/playbook.js'
import { file } from '../steps/file.js'
import { sysctl } from '../steps/sysctl.js'

/** As the loader checked them. */
interface Args {
  readonly name: string
  readonly value: string
}

export const sysctlTask: Task = {
  name: 'sysctl',
  title: 'Kernel settings',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: { required: { name: 'text', value: 'value' }, optional: {} },
  steps: (_, args) => {
    const { name, value } = args as Args
    const path = `/etc/sysctl.d/90-${name.replaceAll(/[^\w.-]/g, '-')}.conf`
    return [file({ path, content: `${name} = ${value}\n`, mode: 0o644 }), sysctl({ name, value })]
  },
}
