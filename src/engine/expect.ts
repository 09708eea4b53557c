// Holds a run to its plan: a change that was neither listed nor behind an unknown is a defect, and two plans must agree.
import type { StepPlace } from '../model/event.js'
import { planKey, type Plan, type PlanEntry } from '../model/plan.js'
import type { Change } from '../model/step.js'

interface Doing {
  readonly place: StepPlace
  readonly changes: readonly Change[]
}

/** Tells what the plan did not announce, as a sentence; null when everything was. */
export const announcedBy = (plan: Plan): ((doing: Doing) => string | null) => {
  const verdicts = new Map(plan.entries.map((entry) => [planKey(entry), entry.verdict]))
  return ({ place, changes }) => {
    const verdict = verdicts.get(planKey(place))
    if (verdict?.kind === 'unknown') return null
    const announced = verdict?.kind === 'would-change' ? verdict.changes : []
    const surprise = changes.find(
      (change) => !change.volatile && !announced.some((one) => one.path === change.path && one.to === change.to),
    )
    if (!surprise) return null
    return `${surprise.path} would become ${surprise.to ?? 'absent'} (it is ${surprise.from ?? 'absent'}), which the plan did not say; nothing was changed by this step`
  }
}

/** Places where what was known in the first plan is not the same in the second. */
export const drift = (first: Plan, second: Plan): readonly { readonly then: PlanEntry; readonly now: PlanEntry }[] => {
  const later = new Map(second.entries.map((entry) => [planKey(entry), entry]))
  return first.entries.flatMap((then) => {
    const now = later.get(planKey(then))
    if (!now || then.verdict.kind === 'unknown' || fingerprint(then) === fingerprint(now)) return []
    return [{ then, now }]
  })
}

/** What would be changed. What checks saw is no part of it: the world moves, and the run checks again by itself. */
const fingerprint = ({ verdict }: PlanEntry): string =>
  JSON.stringify(
    'changes' in verdict
      ? verdict.changes
          .filter((change) => change.volatile !== true)
          .map(({ path, from, to, text }) => [path, from, to, text?.from, text?.to])
      : [],
  )
