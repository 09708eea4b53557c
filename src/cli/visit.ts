// The frame around exec and kubeconfig, which visit some hosts without a plan: log, sessions, Ctrl-C; all closed again.
import { resolve } from 'node:path'
import { exitCodes, KhactlError, type ExitClass } from '../model/error.js'
import type { Emit } from '../model/event.js'
import { failureOf } from '../model/failure.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { AskSecret } from '../model/session.js'
import { createBus, type Sink } from '../report/bus.js'
import { masked } from '../report/masked.js'
import { createRedactor } from '../report/redact.js'
import { createConnector } from '../transport/connector.js'
import { createAskSecret } from './ask-secret.js'
import { compose, type Wires } from './compose.js'
import { stateFolder } from './folders.js'
import { withHostKeys } from './host-keys.js'
import type { Io } from './io.js'
import { secretsOf } from './secrets.js'
import { watchSignals } from './signals.js'
import { versionText } from './version.js'

export interface VisitInput {
  readonly command: string
  readonly inventory: Inventory
  /** No other host is connected to. */
  readonly hosts: readonly Host[]
  /** null: as the inventory says. */
  readonly hostKeys: 'accept-new' | 'strict' | null
  /** The command line, for the log. */
  readonly again: string
  /** Beside the log. */
  readonly sinks: readonly Sink[]
  readonly io: Io
}

export interface Visit {
  readonly wires: Wires
  readonly emit: Emit
  readonly askSecret: AskSecret
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal
}

/** What a visit came to: the class for the log, the number for the shell. */
export interface Parting {
  readonly exit: ExitClass
  readonly code: number
}

/** Ctrl-C ends what runs on the hosts at once: nothing here is a change that must be finished. */
export const withVisit = async (input: VisitInput, work: (visit: Visit) => Promise<Parting>): Promise<number> => {
  const { command, inventory, hosts, io } = input
  const { openLog } = await import('../report/log.js')
  const about = { version: versionText(), again: input.again }
  const log = openLog({ directory: resolve(stateFolder(io), 'runs'), now: io.now, command, about })
  const redact = createRedactor()
  for (const secret of secretsOf(inventory)) redact.register(secret)
  const bus = createBus({ now: io.now, sinks: [log.sink, ...input.sinks], redact })
  const { emit } = bus
  const watch = watchSignals(io, () => void connector.closeAll())
  const askSecret = createAskSecret({ io, emit, hide: redact.register, watch })
  const connector = createConnector({
    hosts: hosts.map((host) => withHostKeys(host, input.hostKeys)),
    agentSocket: io.env['SSH_AUTH_SOCK'],
    environment: io.env,
    askSecret,
    log: (host, text) => emit({ type: 'note', level: 'info', text, host }),
  })
  emit({
    type: 'run-started',
    command,
    inventory: inventory.file,
    cluster: inventory.cluster.name,
    hosts: hosts.map(({ name }) => name),
  })
  const wires = compose({ connector, emit, hide: redact.register, env: io.env, stop: watch.signal })
  try {
    const parting = await work({ wires, emit, askSecret, stop: watch.signal })
    const end = watch.interrupted() ? interrupted : parting
    emit({ type: 'run-ended', exit: end.exit, roundTrips: await wires.roundTrips() })
    return end.code
  } catch (error) {
    emit({ type: 'failure', failure: failureOf(error) })
    emit({ type: 'run-ended', exit: error instanceof KhactlError ? error.details.exit : 'failed', roundTrips: {} })
    if (watch.interrupted()) return exitCodes.interrupted
    throw masked(error, redact)
  } finally {
    watch.release()
    await connector.closeAll()
    bus.close()
  }
}

const interrupted: Parting = { exit: 'interrupted', code: exitCodes.interrupted }
