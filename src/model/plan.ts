// The plan: a fold of the events of a walk, so text, JSON and progress cannot disagree.
import type { StepPlace, Verdict } from './event.js'
import type { Graph } from './graph.js'

export interface PlanEntry extends StepPlace {
  readonly verdict: Verdict
}

export interface Plan {
  /** In the order of stages, hosts and steps of the graph, whatever order they ended in. */
  readonly entries: readonly PlanEntry[]
}

export const planKey = ({ stage, host, step }: Pick<StepPlace, 'stage' | 'host' | 'step'>): string =>
  `${stage}/${host}/${step}`

export const entryOf = ({ host, stage, step, title, verdict }: PlanEntry): PlanEntry => ({
  host,
  stage,
  step,
  title,
  verdict,
})

/** Without what --limit, --stage or --from leave as it is: a run has nothing to do there, whatever it saw. */
export const planAhead = ({ entries }: Plan, { stages }: Graph): Plan => {
  const left = new Set(
    stages.flatMap(({ id, lanes }) => lanes.flatMap(({ host, may }) => (may === 'look' ? [`${id}/${host}`] : []))),
  )
  const isLeft = ({ stage, host, verdict: { kind } }: PlanEntry): boolean =>
    (kind === 'would-change' || kind === 'unknown') && left.has(`${stage}/${host}`)
  return { entries: entries.filter((entry) => !isLeft(entry)) }
}

export interface PlanCount {
  readonly change: number
  readonly unknown: number
  readonly unreadable: number
  readonly problem: number
  readonly ok: number
}

export const countPlan = (plan: Plan): PlanCount => {
  const count = { change: 0, unknown: 0, unreadable: 0, problem: 0, ok: 0 }
  for (const { verdict } of plan.entries) {
    switch (verdict.kind) {
      case 'would-change':
      case 'changed':
        count.change += 1
        break
      case 'unknown':
        count.unknown += 1
        break
      case 'unreadable':
      case 'skipped':
      case 'detached':
      case 'failed':
        count.unreadable += 1
        break
      case 'problem':
        count.problem += 1
        break
      case 'ok':
        count.ok += 1
        break
    }
  }
  return count
}
