// os.kernel: kernel modules and settings, now and in files of khactl's own for the next boot.
import type { Task } from '../../model/playbook.js'
import { file } from '../../steps/file.js'
import { module } from '../../steps/kernel-module.js'
import { sysctlsAtBoot } from '../../steps/sysctl-at-boot.js'
import { sysctl } from '../../steps/sysctl.js'
import { kernelModules, modulesFile, modulesText, sysctlFile, sysctls, sysctlText } from '../../templates/os.js'
import { alike } from '../alike.js'

export const osKernel: Task = {
  name: 'os.kernel',
  title: 'Set up the kernel',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: alike(({ inventory, host }) => {
    const values = sysctls(inventory, host)
    const modulesContent = modulesText(inventory, host)
    const sysctlContent = sysctlText(inventory, host)
    return [
      ...(modulesContent === null ? [] : [file({ ...modulesFile, content: modulesContent })]),
      ...kernelModules(inventory, host).map((name) => module({ name })),
      ...(sysctlContent === null
        ? []
        : [file({ ...sysctlFile, content: sysctlContent }), sysctlsAtBoot({ file: sysctlFile.path, values })]),
      ...Object.entries(values).map(([name, value]) => sysctl({ name, value })),
    ]
  }),
}
