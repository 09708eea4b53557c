// Must show 2 on real hosts, a slice at a time: khactl up is killed at the next points that no earlier slice has tried.
import { afterAll, expect, test } from 'vitest'
import { crashSuite } from '../crash/lab/suite.js'
import { reportText } from '../crash/report.js'
import { openLab } from './support/lab.js'

const name = 'e2e-crash'
/** With the lab's boot before it and the last run behind it, some eight minutes. */
const slice = 4 * 60_000

afterAll(async () => {
  const lab = await openLab(name).catch(() => null)
  await lab?.lab('down')
})

test('up that is killed at point after point ends as it should', async () => {
  const [outcome] = await crashSuite({
    ...{ name, slice },
    profile: 'small',
    fault: 'kill',
    scenarios: ['up'],
    from: 0,
    reference: 'if kept',
    say: (text) => console.log(text),
  })
  if (!outcome) throw new Error('nothing was interrupted')
  console.log(reportText(outcome.report))
  expect(outcome.report.lost).toEqual([])
  expect(outcome.wrong).toEqual([])
  expect(outcome.lockedMs).toBeLessThan(45_000)
  expect(outcome.report.survived.length).toBeGreaterThan(0)
})
