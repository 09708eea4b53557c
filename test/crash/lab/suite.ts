// Interrupts a cluster's life at point after point, and holds what comes out of it against an uninterrupted one.
import { freshLab, run, type Lab } from '../../e2e/support/lab.js'
import { nameOf, pointsOf } from '../point.js'
import type { Report } from '../report.js'
import { chain } from './chain.js'
import { mountDisks, unmountDisks } from './disk.js'
import { deviations, endState, faultsOf } from './end-state.js'
import { faults, type FaultName } from './faults.js'
import { planned, sorted } from './graph.js'
import { joined, keepRound, loadRound } from './record.js'
import { loadReference, makeReference } from './reference.js'
import { scenariosOf, type Scenario, type ScenarioName } from './scenario.js'

export interface Suite {
  /** Of the lab; it is made anew. */
  readonly name: string
  readonly profile: 'small' | 'ha'
  readonly fault: FaultName
  /** The last scenario that is interrupted; those before it run through unless they are asked for too. */
  readonly scenarios: readonly ScenarioName[]
  /** Points before this one, by their number in the graph, are left out. */
  readonly from: number
  /** Milliseconds after which nothing is hit any more. */
  readonly slice: number
  /** `made`: an uninterrupted run is made first where none is kept for this code. */
  readonly reference: 'made' | 'if kept'
  readonly say: (text: string) => void
}

export interface Outcome {
  readonly report: Report
  readonly file: string
  /** What is not as it should be at the end. */
  readonly wrong: readonly string[]
  readonly runs: number
  readonly lockedMs: number
  /** Held against an uninterrupted run, too. */
  readonly compared: 'with a reference' | 'without a reference'
}

export const crashSuite = async (of: Suite): Promise<readonly Outcome[]> => {
  const last = (names: readonly Scenario[]): readonly Scenario[] =>
    names.slice(0, names.findLastIndex(({ name }) => of.scenarios.includes(name)) + 1)
  if (of.reference === 'made' && of.scenarios.some((scenario) => loadReference(of, scenario) === null)) {
    of.say('an uninterrupted run first, to compare with')
    const lab = await freshLab(of.name, of.profile)
    for (const scenario of last(scenariosOf(lab, of.name))) await makeReference(lab, { ...of, scenario })
  }
  if (of.fault === 'disk') await freshDisks(of)
  const lab = await freshLab(of.name, of.profile)
  const until = Date.now() + of.slice
  const outcomes: Outcome[] = []
  for (const scenario of last(scenariosOf(lab, of.name))) {
    await scenario.prepare(lab)
    if (of.scenarios.includes(scenario.name)) outcomes.push(await interrupt(of, { lab, scenario, until }))
    else {
      const { status, stderr } = await lab.khactl(...scenario.first, '--yes')
      if (status !== 0) throw new Error(`khactl ${scenario.first.join(' ')}: exit status ${status}\n${stderr}`)
    }
    if (outcomes.some(({ report, wrong }) => report.lost.length + wrong.length > 0)) break
  }
  return outcomes
}

/** The lab must be down before its disks come. */
const freshDisks = async ({ name }: Suite): Promise<void> => {
  await run(['npm', 'run', '-s', 'lab', '--', 'down'], { env: { KHACTL_LAB: name } })
  await unmountDisks(name)
  process.env['KHACTL_LAB_DISKS'] = await mountDisks(name)
}

const interrupt = async (
  of: Suite,
  { lab, scenario, until }: { readonly lab: Lab; readonly scenario: Scenario; readonly until: number },
): Promise<Outcome> => {
  const names = { profile: of.profile, scenario: scenario.name, fault: of.fault }
  const earlier = loadRound(names)
  const reference = loadReference(of, scenario.name)
  const plan = await planned(lab, scenario.first)
  const before = pointsOf([...plan.sure, ...plan.unknown]).slice(0, of.from)
  const done = new Set([...before, ...(earlier?.survived ?? []).map(({ point }) => point)].map(nameOf))
  const fault = faults[of.fault]
  const result = await chain({
    name: of.name,
    ...{ lab, fault, done, until, say: of.say },
    first: scenario.first,
    again: scenario.again,
    took: reference?.took ?? new Map<string, number>(),
  })
  const { inGraph, found } = sorted(plan, {
    here: [...result.applied, ...(earlier?.survived ?? []).map(({ point }) => point)],
    uninterrupted: reference ? new Set(reference.took.keys()) : null,
  })
  const report = joined(earlier, {
    scenario: scenario.name,
    fault: fault.title,
    inGraph: pointsOf(inGraph),
    found: pointsOf(found).filter((point) => result.survived.some((one) => nameOf(one.point) === nameOf(point))),
    survived: result.survived,
    lost: result.lost,
  })
  const wrong = result.lost.length > 0 ? [] : [...(await faultsOf(lab, fault.bodies))]
  if (reference && result.lost.length === 0) {
    wrong.push(...deviations(reference.state, await endState(lab)))
  }
  return {
    report,
    file: keepRound(names, report),
    wrong,
    runs: result.runs,
    lockedMs: result.lockedMs,
    compared: reference ? 'with a reference' : 'without a reference',
  }
}
