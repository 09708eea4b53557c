// Sets a boolean of SELinux for good where SELinux enforces; never touches the enforcing mode (R-L7).
import { selinuxBoolean as state } from '../../facts/endpoint/selinux-boolean.js'
import type { StepId } from '../../model/fact.js'
import { see } from '../../model/look.js'
import { changed, step, type Step } from '../../model/step.js'
import { sh } from '../../text/sh.js'

/** Id `selinux-boolean:NAME`. setsebool may fail on RHEL 9 (R-L7); then its own words and the last denial are told. */
export const selinuxBoolean = ({ name, after = [] }: { name: string; after?: readonly StepId[] }): Step =>
  step({
    id: `selinux-boolean:${name}`,
    title: `Let SELinux allow ${name}`,
    after,
    look: see(state(name)),
    diff: (have) => (have === 'irrelevant' ? [] : changed({ path: `selinux boolean ${name}`, from: have, to: 'on' })),
    apply: ({ self }) =>
      self.run(
        sh`setsebool -P ${name} 1 || { c=$?; ausearch -m AVC -ts recent 2>/dev/null | tail -n 3 >&2; exit "$c"; }`,
        { within: 120_000 },
      ),
  })
