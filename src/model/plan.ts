// The plan: a fold of the events of a walk, so text, JSON and progress cannot disagree.
import type { Event, StepPlace, Verdict } from './event.js'
import type { Graph } from './graph.js'

export interface PlanEntry extends StepPlace {
  readonly verdict: Verdict
}

export interface Plan {
  /** In the order of stages, hosts and steps of the graph, whatever order they ended in. */
  readonly entries: readonly PlanEntry[]
}

export const planKey = (place: StepPlace): string => `${place.stage}/${place.host}/${place.step}`

/** Folds the ended steps of one walk; `order` gives the graph's order of plan keys. */
export const foldPlan = (events: readonly Event[], order: readonly string[]): Plan => {
  const entries = new Map<string, PlanEntry>()
  for (const event of events) {
    if (event.type !== 'step-ended') continue
    const { host, stage, step, title, verdict } = event
    entries.set(planKey(event), { host, stage, step, title, verdict })
  }
  return { entries: order.flatMap((key) => entries.get(key) ?? []) }
}

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
