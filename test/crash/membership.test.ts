// Crash injection against fake hosts, commands that change who belongs (up.test.ts says what fakes prove and what they do not).
import { describe, expect, test } from 'vitest'
import { inChain, singly, uninterrupted } from './fake/interrupted.js'
import { scenarioNamed } from './fake/scenarios.js'
import { reportsOf } from './fake/suite.js'
import { neverTried } from './report.js'

test.each(['add-master', 'remove'] as const)(
  '%s survives every fault at every point, alone and in a chain',
  async (name) => {
    const reports = await reportsOf(scenarioNamed(name), 'short')
    expect(reports.flatMap(({ lost }) => lost)).toEqual([])
    expect(reports.flatMap(neverTried)).toEqual([])
    for (const { inGraph } of reports) expect(inGraph.length).toBeGreaterThan(50)
  },
  600_000,
)

describe('the laws notice', () => {
  test('a graph that cleans up nothing behind a join that lost its power', async () => {
    const { lost } = await singly(await uninterrupted(scenarioNamed('add-master'), 'kubeadm:cleanup'), 'power')
    expect(lost.map(({ point }) => point.step)).toContain('kubeadm:join')
  }, 600_000)

  test('a token that nobody revokes', async () => {
    const { lost } = await inChain(await uninterrupted(scenarioNamed('add-master'), 'kubeadm:revoke'), 'kill')
    expect(lost.map(({ why }) => why).join()).toContain('cluster:token:master-4')
  }, 600_000)
})
