// Medians, minima, and the ratio of each contestant to the reference.
import type { Figure, Sample, Standing, Table } from './bench.js'

export const median = (values: readonly number[]): number => {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}

export interface Line {
  readonly name: string
  readonly rounds: number
  readonly medianMs: number
  readonly minMs: number
  /** Medians of user and system time; NaN where it was not measured. */
  readonly cpuMs: number
  /** Of the medians. */
  readonly ratio: number
  readonly minRatio: number
  readonly cpuRatio: number
}

const walls = (samples: readonly Sample[]): readonly number[] => samples.map(({ wallMs }) => wallMs)
const cpus = (samples: readonly Sample[]): readonly number[] =>
  samples.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [cpuMs]))

export const linesOf = ({ standings, reference }: Table): readonly Line[] => {
  const base = standings.find(({ name }) => name === reference)
  if (!base) throw new Error(`nobody is called "${reference}", which the others are to be measured against`)
  const bare = plain(base)
  return standings.map((standing) => {
    const line = plain(standing)
    return {
      ...line,
      ratio: line.medianMs / bare.medianMs,
      minRatio: line.minMs / bare.minMs,
      cpuRatio: line.cpuMs / bare.cpuMs,
    }
  })
}

const plain = ({ name, samples }: Standing): Omit<Line, 'ratio' | 'minRatio' | 'cpuRatio'> => ({
  name,
  rounds: samples.length,
  medianMs: median(walls(samples)),
  minMs: Math.min(...walls(samples)),
  cpuMs: median(cpus(samples)),
})

/** The ratio of one contestant's median to another's. */
export const ratioOf = ({ standings }: Table, [one, other]: readonly [one: string, other: string]): number => {
  const of = (wanted: string): number => {
    const standing = standings.find(({ name }) => name === wanted)
    if (!standing) throw new Error(`nobody is called "${wanted}"`)
    return median(walls(standing.samples))
  }
  return of(one) / of(other)
}

/** CPU time on the operator's machine for each host, what node takes to start left out. */
export const controllerCpu = (
  table: Table,
  { up, node, hosts }: { readonly up: string; readonly node: string; readonly hosts: number },
): Figure => {
  const cpu = (wanted: string): number => linesOf(table).find(({ name }) => name === wanted)?.cpuMs ?? Number.NaN
  const value = (cpu(up) - cpu(node)) / hosts
  return { name: "controller CPU a host, beside node's own start", value, unit: 'ms', gate: '≤ 15 at many hosts' }
}
