// The points of a scenario, read from the plan of its first run; of what a plan cannot know, those that a run then changed.
import type { Lab } from '../../e2e/support/lab.js'
import type { PlanJson } from '../../../src/report/plan-json.js'
import { keyOf, type Place } from '../point.js'

export interface Planned {
  /** Changes that the plan lists. */
  readonly sure: readonly Place[]
  /** Behind a pending step: whether there is anything to change shows in the run. */
  readonly unknown: readonly Place[]
}

export const planned = async (lab: Lab, command: readonly string[]): Promise<Planned> => {
  const args = command[0] === 'up' ? ['plan', ...command.slice(1)] : [...command, '--dry-run']
  const { status, stdout, stderr } = await lab.khactl(...args, '--json')
  if (status !== 2) throw new Error(`the plan of khactl ${command.join(' ')}: exit status ${status}\n${stderr}`)
  const { entries } = JSON.parse(stdout) as PlanJson
  const of = (verdict: string): readonly Place[] =>
    entries.filter((entry) => entry.verdict === verdict).map(({ stage, host, step }): Place => ({ stage, host, step }))
  return { sure: of('would-change'), unknown: of('unknown') }
}

/**
 * The changes of the graph, and those that only interrupted runs made. What no run had left to change when its turn came (a
 * folder that a package brings, too) is no point.
 */
export const sorted = (
  { sure, unknown }: Planned,
  applied: { readonly here: readonly Place[]; readonly uninterrupted: ReadonlySet<string> | null },
): { readonly inGraph: readonly Place[]; readonly found: readonly Place[] } => {
  const done = new Map(applied.here.map((place) => [keyOf(place), place]))
  const told = new Set([...sure, ...unknown].map(keyOf))
  const isReal = (place: Place): boolean => done.has(keyOf(place)) || (applied.uninterrupted?.has(place.step) ?? false)
  return {
    inGraph: [...sure, ...unknown].filter(isReal),
    found: [...done.values()].filter((place) => !told.has(keyOf(place))),
  }
}
