// Shows a recorded run on this terminal, to look at it: npx tsx test/report/replay.ts up|failed|plan|many [speed] [--lines] [--verbose]
import { setTimeout as wait } from 'node:timers/promises'
import { createBus } from '../../src/report/bus.js'
import { planText } from '../../src/report/plan-text.js'
import { openProgress } from '../../src/report/progress.js'
import { createRedactor } from '../../src/report/redact.js'
import { createRunRecord } from '../../src/report/run-record.js'
import { createStyle, wantsColour } from '../../src/report/style.js'
import { summaryText } from '../../src/report/summary.js'
import { manyRun } from './many.js'
import { plans, runs, stages, start } from './runs.js'

const [name = 'up', speed = '10', ...flags] = process.argv.slice(2)
const events = name === 'many' ? manyRun(30) : (runs[name as keyof typeof runs] ?? runs.up)
const { stderr, stdout, env } = process
const verbosity = flags.includes('--verbose') ? 'verbose' : 'normal'
const began = Date.now()
/** The recorded clock, running `speed` times as fast. */
const now = (): number => start + (Date.now() - began) * Number(speed)
const progress = await openProgress({
  stream: stderr,
  env: flags.includes('--lines') ? { ...env, CI: '1' } : env,
  output: flags.includes('--json') ? 'json' : 'text',
  now,
  verbosity,
  colour: 'auto',
})
const record = createRunRecord()
const bus = createBus({ now, sinks: [progress, record], redact: createRedactor() })
const style = createStyle(wantsColour(stdout, { env, flag: 'auto' }))
for (const { at, ...event } of events) {
  while (now() < at) await wait(Math.min(100, (at - now()) / Number(speed)))
  bus.emit(event)
  if (event.type === 'walk-ended' && event.mode === 'plan' && name !== 'inSync')
    stdout.write(await planText(plans.bare, { stages, style, verbosity, of: 'changes', unreachable: [] }))
}
bus.close()
stdout.write(
  `\n${summaryText(record.record(), {
    style,
    again: 'khactl up lab.yaml',
    log: '~/.local/state/khactl/runs/2026-11-21T01-39-06.000Z-up.log',
    kubeconfig: { file: '~/.kube/lab.conf', server: 'https://k8s.lab.test:6443' },
  })}`,
)
const { user, system } = process.cpuUsage()
if (flags.includes('--cpu')) stderr.write(`cpu ${Math.round((user + system) / 1000)} ms\n`)
