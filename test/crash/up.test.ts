// Crash injection against fake hosts, `khactl up` from bare hosts of an inventory like the lab's profile ha. What this proves:
// the real graph (playbook, tasks, compiler, moves), engine, waiting for busy hosts and transient jobs lead from whatever a
// crash leaves to the same end, with nothing run twice. What it does not: the steps' own looks and scripts, which a fake
// cannot run (test/steps and test/kubernetes do, one at a time), SSH, and a real kubeadm: that is the lab's (npm run crash).
import { expect, test } from 'vitest'
import { scenarioNamed } from './fake/scenarios.js'
import { reportsOf } from './fake/suite.js'
import { neverTried } from './report.js'

test('up survives every fault at every point, alone and in a chain', async () => {
  const reports = await reportsOf(scenarioNamed('up'), 'short')
  expect(reports.flatMap(({ lost }) => lost)).toEqual([])
  expect(reports.flatMap(neverTried)).toEqual([])
  // The seven hosts' packages, files, units, one init, four joins: were the graph not the real one, this would show.
  for (const { inGraph } of reports) expect(inGraph.length).toBeGreaterThan(500)
}, 600_000)
