// kernel-module: a kernel module, now and, by a file of its own in /etc/modules-load.d, after a reboot.
import type { Task } from '../model/playbook.js'
import { file } from '../steps/file.js'
import { module } from '../steps/kernel-module.js'

/** As the loader checked them. */
interface Args {
  readonly name: string
}

export const kernelModuleTask: Task = {
  name: 'kernel-module',
  title: 'Kernel modules',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: { required: { name: 'text' }, optional: {} },
  steps: (_, args) => {
    const { name } = args as Args
    const path = `/etc/modules-load.d/${name.replaceAll(/[^\w.-]/g, '-')}.conf`
    return [file({ path, content: `${name}\n`, mode: 0o644 }), module({ name })]
  },
}
