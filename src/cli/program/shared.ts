// What the declarations of commands share: the frame of one, the options of those that look at hosts, and what they come to.
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Io } from '../io.js'
import { commandLine, list, type RunOptions } from '../options.js'

export interface ProgramInput {
  readonly argv: readonly string[]
  readonly io: Io
  /** Called once by the command that ran, with the exit code. */
  readonly ended: (code: number) => void
}

/** Adds one command to the program. Its code is loaded when it runs, so that --help stays quick. */
export type Declare = (program: Command, input: ProgramInput) => void

interface Named {
  readonly name: string
  /** Below the options in --help. */
  readonly help: string
}

export const plain = (program: Command, { name, help }: Named): Command =>
  program.command(name).addHelpText('after', `\n${help}`)

export const onInventory = (program: Command, named: Named): Command =>
  plain(program, named).argument('[inventory]', 'the inventory file', 'inventory.yaml')

/** The options of `runOptions` that are not about what is changed. */
export const withRunOptions = (command: Command): Command =>
  command
    .option('-v, --verbose', 'also commands, what they print, whole new files')
    .option('--json', 'for programs (docs/events.md, docs/plan.md)')
    .option('--no-color', 'no colours, as NO_COLOR=1')
    .option('--limit <hosts>', 'change these alone: names, worker-[1-3], web-*, roles', list)
    .option('--parallel <n>', 'at most this many hosts at work at once', positive)
    .addOption(
      new Option('--host-keys <how>', 'SSH host keys never seen: record or refuse').choices(['accept-new', 'strict']),
    )

export const onHosts = (program: Command, named: Named): Command => withRunOptions(onInventory(program, named))

export const withCuts = (command: Command): Command =>
  command
    .option('--stage <stages>', 'change in these stages alone', list)
    .option('--from <stage>', 'change in this stage and those after it')

export const positive = (value: string): number => {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It takes a whole number from 1.')
  return number
}

/** As commander parses the options above; a command adds its own by intersection. */
export interface RunFlags {
  readonly limit?: readonly string[]
  readonly stage?: readonly string[]
  readonly from?: string
  readonly parallel?: number
  readonly verbose?: true
  readonly json?: true
  readonly yes?: true
  readonly dryRun?: true
  readonly hostKeys?: 'accept-new' | 'strict'
  readonly breakLock?: true
  readonly color?: boolean
}

export const runOptions = (
  command: RunOptions['command'],
  { inventory, flags, input }: { readonly inventory: string; readonly flags: RunFlags; readonly input: ProgramInput },
): RunOptions => ({
  command,
  inventory,
  mode: command === 'plan' || command === 'preflight' || flags.dryRun ? 'plan' : 'apply',
  limit: flags.limit ?? [],
  stages: flags.stage ?? [],
  from: flags.from ?? null,
  parallel: flags.parallel ?? null,
  verbosity: flags.verbose ? 'verbose' : 'normal',
  output: flags.json ? 'json' : 'text',
  consent: flags.yes ? 'given' : 'ask',
  hostKeys: flags.hostKeys ?? null,
  lock: flags.breakLock ? 'break' : 'respect',
  colour: flags.color === false ? 'never' : 'auto',
  again: commandLine(input.argv),
})
