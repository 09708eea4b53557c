// A kernel setting as it is now; what the next boot makes of it is in a file (see sysctl-at-boot).
import { plainValue, sysctlKey, sysctlValue } from '../facts/sysctl.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { changed, step, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

export interface SysctlWanted {
  /** `net.ipv4.ip_forward` */
  readonly name: string
  readonly value: string
  readonly after?: readonly StepId[]
}

/** Id `sysctl:NAME`. */
export const sysctl = ({ name, value, after = [] }: SysctlWanted): Step =>
  step({
    id: `sysctl:${name}`,
    title: `Set ${name} to ${value}`,
    after,
    look: see(sysctlValue(name)),
    diff: (have) => changed({ path: `sysctl ${name}`, from: have, to: plainValue(value) }),
    // Written like this it needs no sysctl program, and a setting the kernel lacks is named.
    apply: ({ self }) =>
      self.run(sh`f=${`/proc/sys/${sysctlKey(name)}`}
[ -e "$f" ] || { echo "this kernel has no setting $f: is its module loaded?" >&2; exit 1; }
printf '%s\n' ${value} >"$f"`),
  })
