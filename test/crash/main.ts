// `npm run crash`: interrupts a cluster's life on the lab, or on the fakes, at every point (docs/crash-injection.md).
import { parseArgs } from 'node:util'
import { scenarioNamed } from './fake/scenarios.js'
import { reportsOf } from './fake/suite.js'
import { faults, type FaultName } from './lab/faults.js'
import { scenarioNames, type ScenarioName } from './lab/scenario.js'
import { crashSuite, type Outcome } from './lab/suite.js'
import { reportText } from './report.js'

const usage = `usage: npm run crash -- [options]
  --on lab|fakes                           real hosts, or those of npm test (default: lab)
  --fault ${Object.keys(faults).join('|')}        what strikes real hosts (default: kill)
  --scenario ${scenarioNames.join('|')}          only this command is interrupted (default: all, one after the other)
  --profile ha|small                       of the lab, which is made anew (default: ha)
  --from N                                 leave out the points before the Nth of the graph
  --slice MINUTES                          hit nothing any more after that time; the next call goes on there
KHACTL_LAB=NAME names the lab (default: crash).
`

const oneOf = <T extends string>(value: string, choices: readonly T[]): T => {
  const found = choices.find((one) => one === value)
  if (found !== undefined) return found
  process.stderr.write(`crash: ${value}: it must be one of ${choices.join(', ')}\n${usage}`)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'lab' },
    fault: { type: 'string', default: 'kill' },
    scenario: { type: 'string' },
    profile: { type: 'string', default: 'ha' },
    from: { type: 'string', default: '0' },
    slice: { type: 'string', default: '100000' },
  },
})
const profile = oneOf(values.profile, ['ha', 'small'])
const all: readonly ScenarioName[] = profile === 'ha' || values.on === 'fakes' ? scenarioNames : ['up']
const scenarios = values.scenario === undefined ? all : [oneOf(values.scenario, scenarioNames)]
const started = Date.now()
const say = (text: string): void => {
  process.stdout.write(`${String(Math.round((Date.now() - started) / 1000)).padStart(5)} s  ${text}\n`)
}

const onFakes = async (): Promise<void> => {
  for (const name of scenarios)
    for (const report of await reportsOf(scenarioNamed(name), 'whole')) {
      process.stdout.write(`${reportText(report)}\n`)
      if (report.lost.length > 0) process.exitCode = 1
    }
}

const tell = ({ report, file, wrong, runs, lockedMs, compared }: Outcome): void => {
  process.stdout.write(`\n${reportText(report)}\n`)
  process.stdout.write(`  ${runs} runs, ${compared}; what had died held a host for ${lockedMs} ms at most; ${file}\n`)
  for (const text of wrong) process.stdout.write(`  not as it should be at the end: ${text}\n`)
  if (report.lost.length + wrong.length > 0) process.exitCode = 1
}

const onLab = async (): Promise<void> => {
  const outcomes = await crashSuite({
    name: process.env['KHACTL_LAB'] ?? 'crash',
    ...{ profile, scenarios, say },
    fault: oneOf(values.fault, Object.keys(faults) as FaultName[]),
    from: Number(values.from),
    slice: Number(values.slice) * 60_000,
    reference: 'made',
  })
  for (const outcome of outcomes) tell(outcome)
}

await (oneOf(values.on, ['lab', 'fakes']) === 'lab' ? onLab() : onFakes())
