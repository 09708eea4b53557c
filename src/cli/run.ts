// The frame around up, plan and preflight: inventory, sinks, survey; then the command; then everything closed again.
import type { Ports } from '../engine/ports.js'
import { join } from 'node:path'
import { exitCodes, type ExitClass } from '../model/error.js'
import type { Event } from '../model/event.js'
import type { Inventory } from '../model/inventory.js'
import type { Plan } from '../model/plan.js'
import type { Wishes } from '../model/playbook.js'
import { worst } from '../report/exit.js'
import { diagnosticsText } from '../text/diagnostics.js'
import { createAskSecret } from './ask-secret.js'
import { stateFolder } from './folders.js'
import type { Io } from './io.js'
import type { RunOptions } from './options.js'
import { openOutputs, type Outputs } from './outputs.js'
import { readInventory } from './read-inventory.js'
import type { OwnPlaybook } from './read-playbook.js'
import { watchSignals } from './signals.js'
import { noWishes } from './wishes.js'
import type { Survey } from './survey.js'

export interface Run {
  readonly options: RunOptions
  readonly survey: Survey
  readonly signal: AbortSignal
  readonly interrupted: () => boolean
  /** On standard output: text for people, one JSON document with --json. */
  showPlan(plan: Plan): Promise<void>
  /** The exit class of a plan that is not applied: also hosts that were not reached count. */
  planEnd(exit: ExitClass): ExitClass
  /** For a walk that nobody follows: its events go to the log alone. */
  readonly quietly: (ports: Ports) => Ports
  /** To the operator, beside the progress. */
  warn(text: string): void
  end(exit: ExitClass): Promise<ExitClass>
  /** The summary of an applied walk, and its exit class. */
  finish(): Promise<ExitClass>
}

export interface RunInput {
  readonly options: RunOptions
  readonly io: Io
  readonly playbook: ShippedPlaybook | OwnPlaybook
  readonly wishes?: Partial<Wishes>
  /** In place of the inventory's file: what it will say once this command writes it. */
  readonly text?: string
}

export type ShippedPlaybook = 'up' | 'preflight' | 'add' | 'remove' | 'rebuild' | 'replace' | 'reset'

/** The exit code of the program. */
export const withRun = async (input: RunInput, command: (run: Run) => Promise<ExitClass>): Promise<number> => {
  const { options, io, playbook } = input
  const inventory = await inventoryOf(input)
  if (inventory === null) return exitCodes.usage
  // Every task and the way to the hosts: not loaded for an inventory that is refused.
  const { survey: lookAtAll } = await import('./survey.js')
  const outputs = await openOutputs({ options, io, inventory })
  // What a signal means is told by whoever is at work then.
  const watch = watchSignals(io, () => undefined)
  let surveyed: Survey | null = null
  try {
    const survey = await lookAtAll({
      inventory,
      playbook,
      options,
      wishes: { ...noWishes(join(stateFolder(io), 'snapshots')), ...input.wishes },
      emit: outputs.emit,
      hide: outputs.hide,
      env: io.env,
      askSecret: createAskSecret({ io, emit: outputs.emit, hide: outputs.hide, watch }),
      pid: io.pid,
      stop: watch.signal,
    })
    surveyed = survey
    return exitCodes[await command(runOf({ ...input, survey, outputs, watch }))]
  } catch (error) {
    throw outputs.fail(error)
  } finally {
    watch.release()
    await surveyed?.close()
    outputs.close()
  }
}

const runOf = (
  context: RunInput & { survey: Survey; outputs: Outputs; watch: ReturnType<typeof watchSignals> },
): Run => {
  const { options, survey, outputs, watch } = context
  const end = async (exit: ExitClass): Promise<ExitClass> => {
    outputs.emit({ type: 'run-ended', exit, roundTrips: await survey.wires.roundTrips() })
    return exit
  }
  return {
    options,
    survey,
    signal: watch.signal,
    interrupted: watch.interrupted,
    showPlan: (plan) => outputs.showPlan(plan),
    planEnd: (exit) =>
      watch.interrupted() ? 'interrupted' : worst([exit, ...survey.failures.map(({ details }) => details.exit)]),
    quietly: (ports) => ({ ...ports, emit: (event: Event) => outputs.log(event) }),
    warn: (text) => outputs.emit({ type: 'note', level: 'warning', text }),
    end: async (exit) => {
      await end(exit)
      if (exit !== 'ok' && exit !== 'changes') outputs.nameLog()
      return exit
    },
    finish: async () => {
      const exit = outputs.exit()
      await end(exit)
      await outputs.summary()
      return exit
    },
  }
}

const inventoryOf = async ({ options, io, text }: RunInput): Promise<Inventory | null> => {
  const { inventory, diagnostics } = await readInventory(options.inventory, io, text)
  io.stderr.write(diagnosticsText(diagnostics))
  return inventory
}
