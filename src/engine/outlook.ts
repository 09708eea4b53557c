// What is still to come on a host behind a step: the looks of its later stages, and whether the plan changes anything there.
import type { Graph, StageId } from '../model/graph.js'
import type { HostName } from '../model/host.js'
import { planKey, type Plan } from '../model/plan.js'
import type { Ahead } from './observe.js'

export interface Outlook {
  /** Looks of this host's steps in the stages behind this one. */
  readonly later: readonly Ahead[]
  /** Whether the plan that is applied changes this host, or may, behind that step of this stage. */
  readonly changesBehind: (step: number) => boolean
}

/** `expected`: the plan that is applied. */
export const createOutlook = (graph: Graph, expected: Plan): ((stage: StageId, host: HostName) => Outlook) => {
  const due = new Set(
    expected.entries.flatMap((entry) =>
      ['would-change', 'unknown'].includes(entry.verdict.kind) ? planKey(entry) : [],
    ),
  )
  const outlooks = new Map<string, Outlook>()
  const behind = new Map<HostName, { readonly looks: readonly Ahead[]; readonly changes: boolean }>()
  for (const { id: stage, lanes } of graph.stages.toReversed())
    for (const { host, steps, may } of lanes) {
      const { looks, changes } = behind.get(host) ?? { looks: [], changes: false }
      // What is only looked at (--stage, --from, --limit) stays as it is, though a change is due.
      const last = may === 'change' ? steps.findLastIndex(({ id }) => due.has(planKey({ stage, host, step: id }))) : -1
      outlooks.set(`${stage}/${host}`, { later: looks, changesBehind: (step) => changes || step < last })
      const own = steps.flatMap(({ look, knownBy }) => (knownBy === undefined ? [{ host, look }] : []))
      behind.set(host, { looks: [...own, ...looks], changes: changes || last >= 0 })
    }
  return (stage, host) => outlooks.get(`${stage}/${host}`) ?? { later: [], changesBehind: () => true }
}
