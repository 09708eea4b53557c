// The plan for programs: stable, documented in docs/plan.md. Built from the same entries as the text.
import type { Failure, Verdict } from '../model/event.js'
import type { Plan, PlanEntry } from '../model/plan.js'
import type { Change, Impact, Problem } from '../model/step.js'
import { changesOf } from './plan-items.js'
import { summarise, type PlanSummary } from './plan-summary.js'

/** `version` rises when a field changes its meaning or goes; new fields may come at any time. */
export interface PlanJson {
  readonly version: 1
  readonly cluster: string
  readonly summary: PlanSummary
  /** Hosts that could not be reached: they have no entries. */
  readonly unreachable: readonly string[]
  /** In the order of stages, hosts and steps; steps that change nothing are listed too. */
  readonly entries: readonly PlanJsonEntry[]
}

interface PlanJsonEntry {
  readonly stage: string
  readonly host: string
  readonly step: string
  readonly title: string
  readonly verdict: Verdict['kind']
  readonly changes: readonly PlanJsonChange[]
  /** unknown: the step after which it can be known. */
  readonly until?: string
  readonly problems?: readonly Problem[]
  /** unreadable, skipped. */
  readonly why?: string
  /** failed. */
  readonly failure?: Failure
}

interface PlanJsonChange {
  readonly path: string
  readonly from: string | null
  readonly to: string | null
  readonly impact: Impact
  readonly secret?: true
  /** Unified, without file names; null: the texts differ entirely. */
  readonly diff?: string | null
}

export const planJson = async (
  plan: Plan,
  { cluster, unreachable }: { readonly cluster: string; readonly unreachable: readonly string[] },
): Promise<PlanJson> => {
  const texts = plan.entries.some((entry) => changesOf(entry).some(({ text }) => text))
  const library = texts ? await import('../text/line-diff.js') : null
  const diffOf = ({ text }: Change): { readonly diff?: string | null } => {
    if (!text || library === null) return {}
    const hunks = library.lineDiff(text)
    return { diff: hunks === null ? null : library.unifiedDiff(hunks) }
  }
  return {
    version: 1,
    cluster,
    summary: summarise(plan),
    unreachable,
    entries: plan.entries.map((entry) => entryJson(entry, diffOf)),
  }
}

const entryJson = (entry: PlanEntry, diffOf: (change: Change) => { readonly diff?: string | null }): PlanJsonEntry => {
  const { stage, host, step, title, verdict } = entry
  return {
    stage,
    host,
    step,
    title,
    verdict: verdict.kind,
    changes: changesOf(entry).map((change) => ({
      path: change.path,
      from: change.from,
      to: change.to,
      impact: change.impact,
      ...(change.secret ? { secret: true as const } : {}),
      ...diffOf(change),
    })),
    ...('until' in verdict ? { until: verdict.until } : {}),
    ...('problems' in verdict && verdict.problems.length > 0 ? { problems: verdict.problems } : {}),
    ...('why' in verdict ? { why: verdict.why } : {}),
    ...('failure' in verdict ? { failure: verdict.failure } : {}),
  }
}
