// The report of a suite: how many points the graph has, how many were tried, which survived, and which were never tried.
import { nameOf, type Point } from './point.js'

export interface Survival {
  readonly point: Point
  /** Runs until everything was as it should be, the one that was hit not counted. */
  readonly reruns: number
}

export interface Loss {
  readonly point: Point
  readonly why: string
  /** File with everything that was done and said. */
  readonly log?: string
}

export interface Report {
  readonly scenario: string
  readonly fault: string
  readonly inGraph: readonly Point[]
  /** Changes that only a hit run makes necessary (cleaning up, joining again), tried as well. */
  readonly found: readonly Point[]
  readonly survived: readonly Survival[]
  readonly lost: readonly Loss[]
}

export const neverTried = ({ inGraph, survived, lost }: Report): readonly Point[] => {
  const tried = new Set([...survived, ...lost].map(({ point }) => nameOf(point)))
  return inGraph.filter((point) => !tried.has(nameOf(point)))
}

export const reportText = (report: Report): string => {
  const { scenario, fault, inGraph, found, survived, lost } = report
  const never = neverTried(report)
  const most = Math.max(0, ...survived.map(({ reruns }) => reruns))
  return [
    `${scenario}, ${fault}: ${inGraph.length} points in the graph, ${found.length} more found on the way; ` +
      `${survived.length + lost.length} tried, ${survived.length} survived (after ${most} more runs at most), ${never.length} never tried`,
    ...lost.map(
      ({ point, why, log }) => `  not survived: ${nameOf(point)}: ${why}${log === undefined ? '' : ` (${log})`}`,
    ),
    ...never.map((point) => `  never tried: ${nameOf(point)}`),
  ].join('\n')
}
