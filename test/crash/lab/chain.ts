// Chain mode: hit at the first point that was not tried yet, run again, hit at the next, until a run comes to its end.
import type { Lab } from '../../e2e/support/lab.js'
import { keyOf, nameOf, type Place, type Point } from '../point.js'
import type { Loss, Survival } from '../report.js'
import type { Fault } from './faults.js'
import { held, keepLog, type Ended, type Order, type Told } from './hold.js'
import { createLanes } from './lanes.js'

export interface Chain {
  readonly name: string
  readonly lab: Lab
  readonly fault: Fault
  /** The command, and what is run again after a hit. */
  readonly first: readonly string[]
  readonly again: readonly string[]
  /** Points that need no try: of earlier slices, or left out by --from. */
  readonly done: ReadonlySet<string>
  /** Milliseconds that a step takes, by its id: it is hit after a quarter of that. */
  readonly took: ReadonlyMap<string, number>
  /** Nothing is hit any more from then on (Date.now()). */
  readonly until: number
  readonly say: (text: string) => void
}

export interface Chained {
  readonly survived: readonly Survival[]
  readonly lost: readonly Loss[]
  /** Changes that a run began. */
  readonly applied: readonly Place[]
  readonly runs: number
  /** Longest time that a host stayed locked after a hit. */
  readonly lockedMs: number
}

const mostTries = 3
const mostLockedMs = 45_000
const pause = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms))

export const chain = async (of: Chain): Promise<Chained> => {
  const tried = new Set(of.done)
  const survived: Survival[] = []
  const applied: Place[] = []
  let [open, runs, tries, lockedMs, lockedSince]: [readonly Point[], number, number, number, number] = [[], 0, 0, 0, 0]
  const cut = new Map<string, Point>()
  for (;;) {
    const args = runs === 0 ? of.first : of.again
    runs += 1
    const { ended, hit } = await oneRun(of, { args, tried, applied, cut })
    if (ended.status === 7 && hit.length === 0) {
      lockedSince ||= Date.now()
      lockedMs = Math.max(lockedMs, Date.now() - lockedSince)
      if (lockedMs > mostLockedMs) return lostAll({ open, why: 'a host stayed locked', ended })
      await pause(1000)
      continue
    }
    lockedSince = 0
    const isFailed = hit.length === 0 && ended.status !== 0
    if (isFailed) {
      tries += 1
      of.say(`run ${runs}: exit ${ended.status} without a hit, try ${tries} (${keepLog(ended)})`)
      if (tries >= mostTries)
        return lostAll({ open, why: `${tries} runs failed, the last with ${ended.status}`, ended })
      await pause(2000)
      continue
    }
    // A run that came further, or to its end, has healed what was hit before.
    survived.push(...open.map((point) => ({ point, reruns: tries + 1 })))
    for (const point of hit) of.say(`run ${runs}: ${nameOf(point)}`)
    ;[open, tries] = [hit, 0]
    if (hit.length === 0) {
      // Their commands came to an end that nobody was told: the next run began with the host at the boundary behind them.
      const behind = [...cut.values()].filter((point) => !tried.has(nameOf(point)))
      survived.push(...behind.map((point) => ({ point, reruns: 1 })))
      return { survived, lost: [], applied, runs, lockedMs }
    }
    await of.fault.repair(of)
  }

  function lostAll({ open: points, why, ended }: { open: readonly Point[]; why: string; ended: Ended }): Chained {
    const tail = `${ended.stdout.slice(-2000)}\n${ended.stderr.slice(-2000)}`
    of.say(`lost: ${why}\n${tail}`)
    return { survived, lost: points.map((point) => ({ point, why, log: keepLog(ended) })), applied, runs, lockedMs }
  }
}

interface OneRun {
  readonly args: readonly string[]
  /** Added to, as `applied` is. */
  readonly tried: Set<string>
  readonly applied: Place[]
  /** The boundaries behind changes that were hit in their middle and not made again since, by change. */
  readonly cut: Map<string, Point>
}

const oneRun = async (
  of: Chain,
  { args, tried, applied, cut }: OneRun,
): Promise<{ readonly ended: Ended; readonly hit: readonly Point[] }> => {
  const lanes = createLanes()
  const hit: Point[] = []
  const called = new Map<string, Point>()
  const isDue = (point: Point): boolean => !tried.has(nameOf(point)) && Date.now() < of.until
  const strike = async (host: string, kill: () => void): Promise<Order> => {
    for (const point of lanes.struck(of.fault.strikes === 'all' ? 'all' : { host })) {
      if (tried.has(nameOf(point))) continue
      tried.add(nameOf(point))
      hit.push(point)
      if (point.moment === 'middle') cut.set(keyOf(point), { ...point, moment: 'after' })
    }
    await of.fault.strike({ name: of.name, lab: of.lab, host, kill })
    return { go: 'on' }
  }
  const decide = async (told: Told, kill: () => void): Promise<Order> => {
    if (told.type === 'called') {
      const point = called.get(told.name)
      return point && isDue(point) && lanes.isInMiddle(point) ? strike(point.host, kill) : { go: 'on' }
    }
    if (told.type === 'step-applying') {
      applied.push({ stage: told.stage, host: told.host, step: told.step })
      cut.delete(keyOf(told))
    }
    const point = lanes.take(told)
    if (point === null || !isDue(point)) return { go: 'on' }
    if (point.moment === 'after') return strike(point.host, kill)
    const name = String(called.size)
    called.set(name, point)
    return { go: 'call', ms: (of.took.get(point.step) ?? 40) / 4, name }
  }
  const ended = await held({ lab: of.name, args, decide })
  return { ended, hit }
}
