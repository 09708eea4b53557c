// Which PodDisruptionBudget keeps which pod where it is. Pure.
import type { DrainedPod } from '../../../facts/kubernetes/pods-on-node.js'

export interface Budget {
  /** `NAMESPACE/NAME` */
  readonly name: string
  readonly selector: {
    readonly matchLabels?: Readonly<Record<string, string>>
    readonly matchExpressions?: readonly {
      readonly key: string
      readonly operator: string
      readonly values?: readonly string[]
    }[]
  }
  /** Pods that may go now. */
  readonly allowed: number
}

/** Of `kubectl get pdb -A -o json`. */
export const parseBudgets = (json: string): readonly Budget[] => {
  const { items = [] } = JSON.parse(json) as { readonly items?: readonly Item[] }
  return items.map(({ metadata, spec, status }) => ({
    name: `${metadata.namespace}/${metadata.name}`,
    selector: spec?.selector ?? {},
    allowed: status?.disruptionsAllowed ?? 0,
  }))
}

interface Item {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec?: { readonly selector?: Budget['selector'] }
  readonly status?: { readonly disruptionsAllowed?: number }
}

/** `default/web-1 (budget default/web allows none)` for every pod; one that no budget holds just takes its time. */
export const stuckPods = (pods: readonly DrainedPod[], budgets: readonly Budget[]): readonly string[] =>
  pods.map((pod) => {
    const holding = budgets.filter((budget) => budget.allowed < 1 && selects(budget, pod)).map(({ name }) => name)
    return holding.length === 0
      ? `${pod.name} (no budget holds it; it takes its time to end)`
      : `${pod.name} (budget ${holding.join(' and ')} allows none to go)`
  })

const namespaceOf = (name: string): string => name.split('/')[0] ?? ''

/** An empty selector is that of policy/v1: all pods of the namespace; up to 1.24 it could mean none, and then nothing is stuck. */
const selects = ({ name, selector }: Budget, { name: pod, labels }: DrainedPod): boolean =>
  namespaceOf(name) === namespaceOf(pod) &&
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key]
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    if (operator === 'In') return value !== undefined && values.includes(value)
    return value === undefined || !values.includes(value)
  })
