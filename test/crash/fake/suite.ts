// Every point of a scenario on the fakes, alone and in a chain, under every fault.
import type { Report } from '../report.js'
import { inChain, singly, uninterrupted } from './interrupted.js'
import { faultNames } from './link.js'
import type { FakeScenario } from './scenarios.js'

/**
 * `short`, for npm test: without the chains of kills and cuts over all of `up`, one run a point; their points are tried alone,
 * as a kill and a cut leave fake hosts alike.
 */
export const reportsOf = async (scenario: FakeScenario, extent: 'short' | 'whole'): Promise<readonly Report[]> => {
  const of = await uninterrupted(scenario)
  const reports: Report[] = []
  for (const fault of ['kill', 'cut', 'power'] as const) reports.push(await singly(of, fault))
  const isLong = scenario.name === 'up' && extent === 'short'
  for (const fault of faultNames)
    if (!isLong || (fault !== 'kill' && fault !== 'cut')) reports.push(await inChain(of, fault))
  return reports
}
