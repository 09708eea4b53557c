// A kernel module that must be there now; modules-load.d sees to the next boot.
import { kernelModule } from '../facts/kernel-module.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { changed, step, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

/** Id `module:NAME`. A module that is built into the kernel is there. */
export const module = ({ name, after = [] }: { readonly name: string; readonly after?: readonly StepId[] }): Step =>
  step({
    id: `module:${name}`,
    title: `Load the kernel module ${name}`,
    after,
    look: see(kernelModule(name)),
    diff: (have) => changed({ path: `module ${name}`, from: have === 'present' ? 'loaded' : null, to: 'loaded' }),
    apply: ({ self }) => self.run(sh`modprobe -- ${name}`),
  })
