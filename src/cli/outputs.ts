// Where a run is told: the terminal or plain lines or JSON events, and always the log.
import { resolve } from 'node:path'
import type { Emit, Event } from '../model/event.js'
import type { Inventory } from '../model/inventory.js'
import type { Plan } from '../model/plan.js'
import type { StageOutline } from '../model/event.js'
import { createBus, type Sink } from '../report/bus.js'
import { createLinesSink } from '../report/lines.js'
import { createNdjsonSink } from '../report/ndjson.js'
import { createRedactor } from '../report/redact.js'
import { createRunRecord } from '../report/run-record.js'
import { createStyle, wantsColour } from '../report/style.js'
import { stateFolder } from './folders.js'
import type { Io } from './io.js'
import type { RunOptions } from './options.js'
import { secretsOf } from './secrets.js'
import { versionText } from './version.js'

export interface Outputs {
  readonly emit: Emit
  readonly events: () => readonly Event[]
  /** To the log alone. */
  log(event: Event): void
  showPlan(plan: Plan): Promise<void>
  summary(): Promise<void>
  /** Names the log: something went wrong. */
  fail(): void
  close(): void
}

interface OutputsInput {
  readonly options: RunOptions
  readonly io: Io
  readonly inventory: Inventory
}

export const openOutputs = async (input: OutputsInput): Promise<Outputs> => {
  const { options, io, inventory } = input
  const { openLog } = await import('../report/log.js')
  const log = openLog({
    directory: resolve(stateFolder(io), 'runs'),
    now: io.now,
    command: options.command,
    about: { version: versionText(), again: options.again },
  })
  const redact = createRedactor()
  for (const secret of secretsOf(inventory)) redact.register(secret)
  const events: Event[] = []
  const record = createRunRecord()
  const keep: Sink = { name: 'events', take: (event) => void events.push(event) }
  const bus = createBus({ now: io.now, sinks: [keep, record, log.sink, await screen(input)], redact })
  bus.emit({
    type: 'run-started',
    command: options.command,
    inventory: options.inventory,
    cluster: inventory.cluster.name,
  })
  const style = createStyle(wantsColour(io.stdout, { env: io.env, flag: options.colour }))
  return {
    emit: bus.emit,
    events: () => events,
    log: (event) => log.sink.take({ ...redact.event(event), at: io.now() }),
    showPlan: (plan) => showPlan(redact.value(plan), { ...input, stages: outlines(events), style }),
    summary: async () => {
      if (options.output === 'json') return
      const { summaryText } = await import('../report/summary.js')
      const file = inventory.cluster.kubeconfig.file
      const { endpoint } = inventory.cluster
      const server = `https://${endpoint.dnsName ?? endpoint.vip}:${endpoint.port}`
      const kubeconfig = file === null ? null : { file, server }
      io.stdout.write(summaryText(record.record(), { style, again: options.again, log: log.file, kubeconfig }))
    },
    fail: () => void io.stderr.write(`The whole log of this run: ${log.file}\n`),
    close: () => bus.close(),
  }
}

const screen = async ({ options, io }: OutputsInput): Promise<Sink> => {
  const { verbosity } = options
  if (options.output === 'json' && options.mode === 'apply') return createNdjsonSink(io.stdout)
  const { stderr } = io
  const wide = (stderr.columns ?? 0) >= 40
  if (stderr.isTTY !== true || !wide || (io.env['CI'] ?? '') !== '')
    return createLinesSink({ stream: stderr, now: io.now, verbosity })
  const { createTtySink } = await import('../report/tty.js')
  const style = createStyle(wantsColour(stderr, { env: io.env, flag: options.colour }))
  const marks = /utf-?8/i.test(io.env['LC_ALL'] ?? io.env['LC_CTYPE'] ?? io.env['LANG'] ?? '') ? 'unicode' : 'ascii'
  return createTtySink({ stream: stderr, now: io.now, style, marks, verbosity })
}

const showPlan = async (
  plan: Plan,
  view: OutputsInput & { readonly stages: readonly StageOutline[]; readonly style: ReturnType<typeof createStyle> },
): Promise<void> => {
  const { options, io, inventory, stages, style } = view
  if (options.output === 'json') {
    if (options.mode === 'apply') return
    const { planJson } = await import('../report/plan-json.js')
    io.stdout.write(`${JSON.stringify(await planJson(plan, { cluster: inventory.cluster.name }), null, 2)}\n`)
    return
  }
  const { planText } = await import('../report/plan-text.js')
  io.stdout.write(await planText(plan, { stages, style, verbosity: options.verbosity }))
}

const outlines = (events: readonly Event[]): readonly StageOutline[] =>
  events.findLast((event) => event.type === 'walk-started')?.stages ?? []
