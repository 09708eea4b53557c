// Runs contestants in turn, round after round, so that whatever else the machine does falls on all of them alike.
import type { Contestant, Sample, Sitting, Table } from './bench.js'
import { timed, type Timed } from './process.js'

export interface Contest {
  readonly title: string
  readonly reference: string
  readonly contestants: readonly Contestant[]
  /** Whether the first round is not counted: it warms caches, and connections that a contestant keeps between its runs. */
  readonly warmUp?: 'none'
}

export const contest = async (
  { title, reference, contestants, warmUp }: Contest,
  { rounds, say }: Sitting,
): Promise<Table> => {
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]))
  const first = warmUp === 'none' ? 1 : 0
  for (let round = first; round <= rounds; round += 1)
    for (const { name, before, run } of inTurn(contestants, round - first)) {
      await before?.()
      const sample = await run()
      const cpu = sample.cpuMs === undefined ? '' : `, CPU ${sample.cpuMs.toFixed(0)} ms`
      say(`${round === 0 ? 'warm-up' : `round ${round}`}: ${name}: ${sample.wallMs.toFixed(0)} ms${cpu}`)
      if (round > 0) samples.get(name)?.push(sample)
    }
  return { title, reference, standings: [...samples].map(([name, of]) => ({ name, samples: of })) }
}

export const contestant = (name: string, what: Timed): Contestant => ({ name, run: () => timed(what) })

/** Each round begins with another contestant: nobody always runs in the wake of the same one. */
const inTurn = <T>(all: readonly T[], round: number): readonly T[] => {
  const start = round % Math.max(1, all.length)
  return [...all.slice(start), ...all.slice(0, start)]
}
