// What all preflight checks share: an id that the inventory may ignore, and that "could not be told" is a finding.
import type { Look } from '../../model/look.js'
import { attempt } from '../../model/look.js'
import { check, type Problem, type Step } from '../../model/step.js'
import type { KinScope } from '../alike.js'

export interface PreflightCheck<S> {
  /** Also what `ignorePreflightErrors` names; documented in docs/preflight.md. */
  readonly id: `khactl:${string}`
  readonly title: string
  readonly look: Look<S>
  readonly problems: (have: S) => readonly Problem[]
  /** Names of kubeadm's own checks for the same thing: who ignores those, ignores this. */
  readonly kubeadm?: readonly string[]
  /** What an answer that could not be read counts as; `not-checked` for probes that need a tool. */
  readonly blind?: 'failure' | 'not-checked'
  /** `capacity`: too little of it does not stop a run on a host that is a healthy member already; it is told all the same. */
  readonly of?: 'capacity'
}

export const preflight = <S>(scope: Pick<KinScope, 'inventory' | 'member'>, spec: PreflightCheck<S>): Step => {
  const ignored = scope.inventory.cluster.ignorePreflightErrors
  const isIgnored = [spec.id, ...(spec.kubeadm ?? [])].some((name) => ignored.includes(name))
  const isMild = spec.of === 'capacity' && scope.member
  const level = (problem: Problem): Problem => {
    if (problem.level !== 'failure' || (!isIgnored && !isMild)) return problem
    return { ...problem, level: 'warning', message: isIgnored ? `${problem.message} (ignored)` : problem.message }
  }
  return check({
    id: spec.id,
    title: spec.title,
    look: attempt(spec.look),
    problems: (seen) => {
      if (seen.status === 'known') return spec.problems(seen.state).map(level)
      if (seen.status === 'unknown') return []
      const blind = spec.blind ?? 'failure'
      return [level({ level: blind, message: blind === 'failure' ? `could not be read: ${seen.why}` : seen.why })]
    },
  })
}

export const failure = (message: string, hint: string): Problem => ({ level: 'failure', message, hint })
export const warning = (message: string, hint: string): Problem => ({ level: 'warning', message, hint })
