// Two hundred hosts print ten lines a second each, and this terminal shows it: one run, measured from the inside.
// Usage: stream.ts WAY SECONDS FILE, where the figures go.
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import type { HostName } from '../../src/model/host.js'
import type { Event } from '../../src/model/event.js'
import { createBus, type Sink } from '../../src/report/bus.js'
import { createRedactor } from '../../src/report/redact.js'
import { createStyle } from '../../src/report/style.js'
import { createTtySink } from '../../src/report/tty.js'
import type { DisplayFigures, Way } from './figures.js'

const [way, seconds, file] = process.argv.slice(2) as [Way, string, string]
const linesASecond = 10
const hosts = Array.from({ length: 200 }, (_, index) => `worker-${index + 1}` as HostName)
const stages = ['preflight', 'prepare', 'runtime', 'workers', 'verify']

let writes = 0
let bytes = 0
const write = (text: string): void => {
  writes += 1
  bytes += Buffer.byteLength(text)
  writeSync(1, text)
}
const terminal = { write, columns: process.stdout.columns, rows: process.stdout.rows }

const picture = (verbosity: 'normal' | 'verbose'): Sink =>
  createTtySink({ stream: terminal, now: Date.now, style: createStyle('always'), marks: 'unicode', verbosity })
const plainly: Sink = {
  name: 'cat',
  take: (event) => event.type === 'output' && write(`${event.host} ${event.line}\n`),
}
const sinks = { picture: [picture('normal')], verbose: [picture('verbose')], cat: [plainly], nothing: [] }[way]

const bus = createBus({ now: Date.now, sinks, redact: createRedactor() })
const place = (host: HostName) => ({ host, stage: 'runtime', step: 'packages', title: 'Install containerd' })
const tell = (event: Event): void => bus.emit(event)

tell({ type: 'run-started', command: 'up', inventory: 'many.yaml', cluster: 'many', hosts })
tell({ type: 'walk-started', mode: 'apply', stages: stages.map((stage) => ({ stage, title: stage, hosts })) })
tell({ type: 'stage-started', stage: 'runtime', title: 'Container runtime' })
for (const host of hosts) tell({ type: 'step-started', ...place(host) })

/** Nanoseconds of this thread on a processor. */
const ran = (): number => Number.parseInt(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1'), 10)

const total = hosts.length * linesASecond * Number(seconds)
let told = 0
let longest = 0
const started = performance.now()
const cpu = process.cpuUsage()
let before = ran()
const end = (): void => {
  clearInterval(timer)
  const { user, system } = process.cpuUsage(cpu)
  const figures: DisplayFigures = {
    wallMs: performance.now() - started,
    cpuMs: (user + system) / 1000,
    longestTickMs: longest,
    writes,
    bytes,
    columns: terminal.columns,
  }
  bus.close()
  writeFileSync(file, JSON.stringify(figures))
}
const timer = setInterval(() => {
  const now = ran()
  longest = Math.max(longest, (now - before) / 1e6)
  before = now
  const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * hosts.length * linesASecond))
  for (; told < due; told += 1) {
    const host = hosts[told % hosts.length] as HostName
    tell({ type: 'output', host, line: `Unpacking package-${told} (1.2.3-${told % 7}) over (1.2.2-1) ...` })
  }
  if (told === total) end()
}, 2)
