// Takes packages off a host with their configuration: these and no others, in a transient unit.
import { os, type Os } from '../facts/os.js'
import { packageState, type PackageState } from '../facts/package.js'
import type { StepId } from '../model/fact.js'
import { all, each, map, see } from '../model/look.js'
import { step, type Change, type Step } from '../model/step.js'
import { join, raw, sh } from '../text/sh.js'
import { aptFunctions, prelude } from './package-script.js'
import { transient } from './transient.js'

interface Have {
  readonly family: Os['family']
  readonly states: readonly { readonly name: string; readonly state: PackageState }[]
}

/**
 * dpkg and rpm themselves, not apt and dnf: where a package that stays needs one of these, they refuse and say so, instead
 * of taking that package along. What came as a dependency stays (`apt autoremove` is the operator's).
 */
export const packagesGone = ({ id, names }: { readonly id: StepId; readonly names: readonly string[] }): Step =>
  step<Have>({
    id,
    title: `Remove ${names.join(', ')}`,
    look: all({
      family: map(see(os()), ({ family }) => family),
      states: each(names.map((name) => map(see(packageState(name)), (state) => ({ name, state })))),
    }),
    diff: ({ states }) => states.flatMap(removal),
    apply: ({ self }, { family, states }) => {
      const due = states.flatMap((one) => (removal(one).length > 0 ? [one.name] : []))
      const command =
        family === 'debian'
          ? sh`mend; wait_for $dpkg_locks; dpkg --purge ${due} || exit 1`
          : sh`wait_for /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock; rpm -e ${due} || exit 1`
      return transient(self, {
        name: id.replaceAll(/[^\w.-]/g, '-'),
        command: join(
          [raw(prelude + aptFunctions), command, raw('env -u SYSTEMD_OFFLINE systemctl daemon-reload')],
          '\n',
        ),
        summary: `${family === 'debian' ? 'dpkg --purge' : 'rpm -e'} ${due.join(' ')}`,
        within: 15 * 60_000,
      })
    },
  })

const removal = ({ name, state }: Have['states'][number]): readonly Change[] =>
  state.installed === null ? [] : [{ path: `package ${name}`, from: state.installed, to: null, impact: 'none' }]
