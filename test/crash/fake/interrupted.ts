// Interrupts a life on the fakes, at each point alone and at all points in a row, and judges what comes out of it.
import type { Report, Loss, Survival } from '../report.js'
import { keyOf, nameOf, type Point } from '../point.js'
import { oneRun } from './life.js'
import type { FaultName, Reached } from './link.js'
import type { FakeScenario } from './scenarios.js'
import { createGraphs, type Graphs } from './site.js'
import { cloneOf, createWorld, cutPower, textOf, type World } from './world.js'

const mostReruns = 2

/** Every place where the uninterrupted run could be hit, with the world as it was there. */
interface Stop {
  readonly reached: Reached
  readonly world: World
}

export interface Uninterrupted {
  readonly scenario: FakeScenario
  readonly start: World
  readonly stops: readonly Stop[]
  /** After the run, and after runs of `again` until nothing is left to do. */
  readonly end: World
  readonly rest: World
  readonly graphs: Graphs
  /** What became of a world, by its text. */
  readonly healed: Map<string, { readonly said: number | string; readonly then: World }>
}

interface Judged {
  readonly point: Point
  /** Runs that it took, or what is wrong. */
  readonly said: number | string
}

const strikesAll: ReadonlySet<FaultName> = new Set(['kill', 'cut'])

/** `without`: a step that no graph has, to see that the laws notice. */
export const uninterrupted = async (scenario: FakeScenario, without: string | null = null): Promise<Uninterrupted> => {
  const graphs = createGraphs(without)
  const start = createWorld()
  const run = (world: World, command: FakeScenario['first']) => oneRun(world, { command, graphs, strikes: () => null })
  for (const command of scenario.before) await run(start, command)
  start.begun.clear()
  const world = cloneOf(start)
  const stops: Stop[] = []
  const strikes = (reached: Reached): null => {
    stops.push({ reached, world: cloneOf(world) })
    return null
  }
  const first = await oneRun(world, { command: scenario.first, graphs, strikes })
  const end = cloneOf(world)
  await run(world, scenario.again)
  const last = await run(world, scenario.again)
  if (first !== 'done' || last !== 'idle' || !scenario.isEnd(end))
    throw new Error(`${scenario.name}: the uninterrupted run ends ${first}, the last ${last}`)
  return { scenario, start, stops, end, rest: world, graphs, healed: new Map() }
}

/** What is not as the uninterrupted run leaves it; steps that only a later run has may be done or not. Empty: all is well. */
const wrongIn = ({ scenario, end, rest }: Uninterrupted, world: World): string => {
  const keys = new Set([...world.values.keys(), ...rest.values.keys()])
  const other = [...keys].filter((key) => {
    const [is, wanted] = [world.values.get(key), rest.values.get(key)]
    return is !== wanted && !(is === undefined && !end.values.has(key))
  })
  return [
    ...other.map((key) => `${key} is ${world.values.get(key) ?? 'absent'}, wanted ${rest.values.get(key) ?? 'absent'}`),
    ...(world.jobs.size > 0 ? ['a job still runs'] : []),
    ...(scenario.isEnd(world) ? [] : ['its end was not reached']),
  ].join('; ')
}

/** How many runs of `again` it takes; a text: what is wrong after all that are allowed. */
const heal = async (of: Uninterrupted, world: World): Promise<number | string> => {
  for (let reruns = 1; reruns <= mostReruns; reruns += 1) {
    const ended = await oneRun(world, { command: of.scenario.again, graphs: of.graphs, strikes: () => null })
    if (ended !== 'failed' && wrongIn(of, world) === '') return reruns
  }
  return wrongIn(of, world)
}

/** A link that fails, or the end of khactl, never makes a body run twice; a power cut may. */
const twice = ({ scenario: { once } }: Uninterrupted, { world, fault }: { world: World; fault: FaultName }): string =>
  fault === 'power'
    ? ''
    : once
        .filter((body) => (world.begun.get(body) ?? 0) > 1)
        .map((body) => `${body} began ${world.begun.get(body)} times`)
        .join('; ')

/**
 * Each point alone: khactl ends there, by SIGKILL or for want of any link, which leave the hosts alike, and for `power` the
 * host of the point with it.
 */
export const singly = async (of: Uninterrupted, fault: 'kill' | 'cut' | 'power'): Promise<Report> => {
  const judged: Judged[] = []
  for (const { reached, world: before } of of.stops) {
    const world = cloneOf(before)
    if (fault === 'power') cutPower(world, reached.at)
    const text = textOf(world)
    // Worlds that are alike go on alike.
    const known = of.healed.get(text)
    const { said, then } = known ?? { said: await heal(of, world), then: world }
    of.healed.set(text, { said, then })
    judged.push({ point: pointOf(reached), said: twice(of, { world: then, fault }) || said })
  }
  return reportOf(of, { fault: `${fault}, one point a life`, judged, found: [] })
}

/**
 * All points in a row in one life: hit at those that were not hit yet (where a fault strikes one host, at one of each host),
 * run again, until a run comes to its end; then each that was passed by, alone.
 */
export const inChain = async (of: Uninterrupted, fault: FaultName): Promise<Report> => {
  const world = cloneOf(of.start)
  const inGraph = new Set(of.stops.map(({ reached }) => nameOf(reached)))
  const tried = new Set<string>()
  const [judged, found]: [Judged[], Point[]] = [[], []]
  let [open, failures, command]: [Point[], number, FakeScenario['first']] = [[], 0, of.scenario.first]
  for (let isOver = false; !isOver;) {
    const hit: Reached[] = []
    const strikes = (reached: Reached): FaultName | null => {
      const isStruck = hit.some(({ at }) => strikesAll.has(fault) || at === reached.at)
      if (isStruck || tried.has(nameOf(reached))) return null
      tried.add(nameOf(reached))
      hit.push(reached)
      if (!inGraph.has(nameOf(reached))) found.push(pointOf(reached))
      return fault
    }
    const ended = await oneRun(world, { command, graphs: of.graphs, strikes })
    command = of.scenario.again
    failures = hit.length === 0 && ended === 'failed' ? failures + 1 : 0
    if (failures > 0 && failures < mostReruns) continue
    isOver = hit.length === 0
    const wrong = isOver ? [wrongIn(of, world), twice(of, { world, fault })].filter(Boolean).join('; ') : ''
    judged.push(...open.map((point) => ({ point, said: wrong === '' ? failures + 1 : wrong })))
    open = hit.map(pointOf)
  }
  const saidOf = new Map(judged.map(({ point, said }) => [nameOf(point), said]))
  for (const [index, stop] of of.stops.entries()) {
    if (tried.has(nameOf(stop.reached))) continue
    // Hit when its last command was done and nobody was told, a step leaves the hosts as they are right behind it.
    const last = of.stops.slice(0, index).findLast(({ reached }) => keyOf(reached) === keyOf(stop.reached))
    const told = stop.reached.moment === 'after' && last ? saidOf.get(nameOf(last.reached)) : undefined
    judged.push({ point: pointOf(stop.reached), said: told ?? (await alone(of, { stop, fault })) })
  }
  return reportOf(of, { fault: `${fault}, in a chain`, judged, found })
}

/** The run that is hit begins where the uninterrupted one began this step; if it goes another way from there, on bare hosts. */
const alone = async (
  of: Uninterrupted,
  { stop: { reached }, fault }: { readonly stop: Stop; readonly fault: FaultName },
): Promise<number | string> => {
  const begun = of.stops.find((stop) => keyOf(stop.reached) === keyOf(reached))
  for (const from of [begun?.world ?? of.start, of.start]) {
    const world = cloneOf(from)
    let isHit = false
    const strikes = (now: Reached): FaultName | null => {
      if (isHit || nameOf(now) !== nameOf(reached)) return null
      isHit = true
      return fault
    }
    const command = from === of.start ? of.scenario.first : of.scenario.again
    await oneRun(world, { command, graphs: of.graphs, strikes })
    if (!isHit) continue
    const said = await heal(of, world)
    return twice(of, { world, fault }) || said
  }
  return 'it was not reached again'
}

const pointOf = ({ stage, host, step, moment }: Reached): Point => ({ stage, host, step, moment })

const reportOf = (
  { scenario, stops }: Uninterrupted,
  {
    fault,
    judged,
    found,
  }: {
    readonly fault: string
    readonly judged: readonly Judged[]
    readonly found: readonly Point[]
  },
): Report => ({
  scenario: scenario.name,
  fault,
  inGraph: stops.map(({ reached }) => pointOf(reached)),
  found,
  survived: judged.flatMap(({ point, said }): readonly Survival[] =>
    typeof said === 'number' ? [{ point, reruns: said }] : [],
  ),
  lost: judged.flatMap(({ point, said }): readonly Loss[] => (typeof said === 'number' ? [] : [{ point, why: said }])),
})
