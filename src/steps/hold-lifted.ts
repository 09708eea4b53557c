// Packages that khactl held may be upgraded again: apt-mark unhold, or their lines out of dnf's version locks.
import { os, type Os } from '../facts/os.js'
import { packageState, type PackageState } from '../facts/package.js'
import type { StepId } from '../model/fact.js'
import { all, each, map, see } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

interface Have {
  readonly family: Os['family']
  readonly states: readonly { readonly name: string; readonly state: PackageState }[]
}

/** The packages stay. */
export const holdsLifted = ({ id, names }: { readonly id: StepId; readonly names: readonly string[] }): Step =>
  step<Have>({
    id,
    title: 'Let go of the packages that are held',
    look: all({
      family: map(see(os()), ({ family }) => family),
      states: each(names.map((name) => map(see(packageState(name)), (state) => ({ name, state })))),
    }),
    diff: ({ states }) => held(states).map(freed),
    apply: ({ self }, { family, states }) => {
      const due = held(states)
      if (family === 'debian') return self.run(sh`apt-mark unhold ${due} >/dev/null`, { within: 120_000 })
      const lines = due.map((name) => `^([0-9]+:)?${name.replaceAll(/[.+*?]/g, '\\$&')}-([0-9]+:)?[0-9][^-]*-[^-]*$`)
      return self.run(sh`set -e
for f in /etc/dnf/plugins/versionlock.list /etc/yum/pluginconf.d/versionlock.list; do
  [ -e "$f" ] || continue
  cp -p "$f" "$f.khactl"
  { grep -vE ${lines.join('|')} "$f" || [ $? -eq 1 ]; } >"$f.khactl"
  mv -f "$f.khactl" "$f"
done`)
    },
  })

const held = (states: Have['states']): readonly string[] =>
  states.filter(({ state }) => state.installed !== null && state.hold === 'held').map(({ name }) => name)

const freed = (name: string): Change => ({ path: `package ${name} hold`, from: 'held', to: 'free', impact: 'none' })
