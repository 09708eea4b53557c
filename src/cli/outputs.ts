// Where a run is told: the terminal or plain lines or JSON events, and always the log.
import { resolve } from 'node:path'
import { inSlices } from '../model/pieces.js'
import type { Secret } from '../model/command.js'
import type { ExitClass } from '../model/error.js'
import type { Emit, Event } from '../model/event.js'
import type { Inventory } from '../model/inventory.js'
import type { Plan, PlanEntry } from '../model/plan.js'
import type { StageOutline } from '../model/event.js'
import { createBus, type Sink } from '../report/bus.js'
import { failureOf } from '../model/failure.js'
import { createRunExit } from '../report/exit.js'
import { masked } from '../report/masked.js'
import { openProgress } from '../report/progress.js'
import { createRedactor, type Redactor } from '../report/redact.js'
import { createRunRecord } from '../report/run-record.js'
import { createStyle, wantsColour, type Style } from '../report/style.js'
import { stateFolder } from './folders.js'
import type { Io } from './io.js'
import type { RunOptions } from './options.js'
import { secretsOf } from './secrets.js'
import { versionText } from './version.js'

export interface Outputs {
  readonly emit: Emit
  /** Masks a secret that is made during the run, in all that is said from then on. */
  readonly hide: (secret: Secret) => void
  /** What the run came to so far. */
  readonly exit: () => ExitClass
  /** To the log alone. */
  log(event: Event): void
  showPlan(plan: Plan): Promise<void>
  summary(): Promise<void>
  /** Frees the terminal for main, which prints the error that this returns, and names the log; log and programs are told too. */
  fail(error: unknown): Error
  /** Names the log: something went wrong. */
  nameLog(): void
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
  const record = createRunRecord()
  const exit = createRunExit()
  // No more than that is kept: a long run has events without number.
  const outline: Outline = { stages: [], unreachable: [] }
  const keep: Sink = {
    name: 'outline',
    take: (event) => {
      exit.take(event)
      if (event.type === 'walk-started') outline.stages = event.stages
      if (event.type === 'host-state' && event.state.kind === 'unreachable') outline.unreachable.push(event.host)
    },
  }
  // A plan's JSON is one document, so its progress is for people.
  const asEvents = options.output === 'json' && options.mode === 'apply'
  const progress = await openProgress({
    stream: asEvents ? io.stdout : io.stderr,
    output: asEvents ? 'json' : 'text',
    env: io.env,
    now: io.now,
    verbosity: options.verbosity,
    colour: options.colour,
  })
  let told = true
  const screen: Sink = { ...progress, take: (event) => void (told && progress.take(event)) }
  const bus = createBus({ now: io.now, sinks: [keep, record, log.sink, screen], redact })
  bus.emit({
    type: 'run-started',
    command: options.command,
    inventory: options.ownPlaybook ?? options.inventory,
    cluster: inventory.cluster.name,
    hosts: inventory.hosts.map(({ name }) => name),
  })
  const nameLog = (): void => void io.stderr.write(`Everything that was done and said: ${log.file}\n`)
  const style = createStyle(wantsColour(io.stdout, { env: io.env, flag: options.colour }))
  return {
    emit: bus.emit,
    hide: redact.register,
    exit: () => exit.exit(),
    log: (event) => log.sink.take({ ...redact.event(event), at: io.now() }),
    showPlan: async (plan) => showPlan(await inSlices(maskedPlan(plan, redact)), { ...input, outline, style }),
    summary: async () => {
      if (options.output === 'json') return
      const { summaryText } = await import('../report/summary.js')
      const file = inventory.cluster.kubeconfig.file
      const { endpoint } = inventory.cluster
      const server = `https://${endpoint.dnsName ?? endpoint.vip}:${endpoint.port}`
      const kubeconfig = file === null || options.ownPlaybook !== undefined ? null : { file, server }
      const view = { style, again: options.again, log: log.file, kubeconfig, columns: io.stdout.columns }
      io.stdout.write(summaryText(record.record(), view))
    },
    fail: (error) => {
      progress.close?.()
      told = asEvents
      const failure = failureOf(error)
      bus.emit({ type: 'failure', failure })
      bus.emit({ type: 'run-ended', exit: failure.exit, roundTrips: {} })
      if (failure.exit !== 'usage') nameLog()
      return masked(error, redact)
    },
    nameLog,
    close: () => bus.close(),
  }
}

/** What a plan's text names beside its entries. */
interface Outline {
  stages: readonly StageOutline[]
  readonly unreachable: string[]
}

/** Entry by entry: of a thousand hosts there are more than a hundred thousand. */
function* maskedPlan({ entries }: Plan, redact: Redactor): Generator<undefined, Plan> {
  const masked: PlanEntry[] = []
  for (const entry of entries) {
    masked.push(redact.value(entry))
    yield
  }
  return { entries: masked }
}

const showPlan = async (
  plan: Plan,
  view: OutputsInput & { readonly outline: Outline; readonly style: Style },
): Promise<void> => {
  const { options, io, inventory, outline, style } = view
  const { stages, unreachable } = outline
  if (options.output === 'json') {
    if (options.mode === 'apply') return
    const { planJson } = await import('../report/plan-json.js')
    io.stdout.write(
      `${JSON.stringify(await planJson(plan, { cluster: inventory.cluster.name, unreachable }), null, 2)}\n`,
    )
    return
  }
  const { planText } = await import('../report/plan-text.js')
  const of = options.command === 'preflight' ? 'checks' : 'changes'
  const { verbosity } = options
  io.stdout.write(await planText(plan, { stages, style, verbosity, of, unreachable }))
}
