// A run right behind another one, or behind a restart: where all that stands in its way has not settled yet, it waits.
import { walk, type Walk } from '../engine/run.js'
import type { Graph } from '../model/graph.js'
import { planKey, type Plan } from '../model/plan.js'

/** A static pod counts as steady a minute after it began, a node is Ready soon after its CNI; who is ill for longer is told. */
const patience = 90_000

/** The plan as it is once those checks pass, or were given their time. */
export const settling = async (of: Omit<Walk, 'apply' | 'patience'>, plan: Plan): Promise<Plan> => {
  // With a host away the run cannot end well, whatever settles.
  if (of.failed.size > 0 || !isUnsettled(plan, of.graph)) return plan
  const text = `the cluster has not settled: waiting for it, at most ${patience / 1000} s`
  of.ports.emit({ type: 'note', level: 'info', text })
  return (await walk({ ...of, apply: null, patience })).plan
}

/** All that stands in the way of this run are checks that time may mend, in stages that it means. */
const isUnsettled = ({ entries }: Plan, { stages }: Graph): boolean => {
  const wrong = entries.filter(
    ({ verdict: { kind } }) => kind !== 'ok' && kind !== 'would-change' && kind !== 'unknown',
  )
  if (wrong.length === 0 || !wrong.every(({ verdict: { kind } }) => kind === 'problem' || kind === 'unreadable'))
    return false
  const mendable = new Set(
    stages.flatMap(({ id: stage, cut, lanes }) =>
      cut === 'left'
        ? []
        : lanes.flatMap(({ host, steps }) =>
            steps
              .filter(({ writes, settle }) => writes.length === 0 && (settle?.within ?? 0) > 0)
              .map(({ id: step }) => planKey({ stage, host, step })),
          ),
    ),
  )
  return wrong.every((entry) => mendable.has(planKey(entry)))
}
