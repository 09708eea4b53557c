// The command line: commands, options, help. Each command's code is loaded when it runs, so that --help stays quick.
import { Command, InvalidArgumentError, Option } from 'commander'
import { planHelp, preflightHelp, rootHelp, schemaHelp, upHelp, validateHelp } from './help.js'
import type { Io } from './io.js'
import { commandLine, list, type RunOptions } from './options.js'
import { versionText } from './version.js'

interface Flags {
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
  readonly color: boolean
}

export interface ProgramInput {
  readonly argv: readonly string[]
  readonly io: Io
  /** Called once by the command that ran, with the exit code. */
  readonly ended: (code: number) => void
}

/** Unknown commands and options throw commander's CommanderError, with its "did you mean". */
export const createProgram = (input: ProgramInput): Command => {
  const { io } = input
  const program = new Command('khactl')
    .description('From bare Linux hosts to a highly available Kubernetes cluster, over SSH and nothing else.')
    .version(versionText(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .showHelpAfterError(false)
    .exitOverride()
    .configureHelp({ helpWidth: 80, showGlobalOptions: false, commandUsage: usage })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => 80,
    })
    .addHelpText('after', `\n${rootHelp}`)
  addUp(program, input)
  addPlan(program, input)
  addPreflight(program, input)
  addFiles(program, input)
  return program
}

const usage = (command: Command): string =>
  command.parent === null ? 'khactl COMMAND [options]' : `khactl ${command.name()} ${command.usage()}`

const addUp = (program: Command, input: ProgramInput): void => {
  const command = onHosts(program, {
    name: 'up',
    says: 'Make the hosts what the inventory says: show the plan, ask, do it.',
  })
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'stop after the plan: the same as khactl plan')
    .option('--break-lock', 'take the hosts over from a run that holds them')
  cuts(command).addHelpText('after', `\n${upHelp}`)
  command.action(async (inventory: string, flags: Flags) => {
    const { up } = await import('./commands/up.js')
    input.ended(await up(runOptions('up', { inventory, flags, input }), input.io))
  })
}

const addPlan = (program: Command, input: ProgramInput): void => {
  const command = onHosts(program, {
    name: 'plan',
    says: 'Show what up would change, with diffs. Changes nothing, leaves no byte behind.',
  })
  cuts(command).addHelpText('after', `\n${planHelp}`)
  command.action(async (inventory: string, flags: Flags) => {
    const { plan } = await import('./commands/plan.js')
    input.ended(await plan(runOptions('plan', { inventory, flags, input }), input.io))
  })
}

const addPreflight = (program: Command, input: ProgramInput): void => {
  const command = onHosts(program, {
    name: 'preflight',
    says: 'Check every host before anything is changed: all findings in one report.',
  })
  command.addHelpText('after', `\n${preflightHelp}`)
  command.action(async (inventory: string, flags: Flags) => {
    const { preflight } = await import('./commands/preflight.js')
    input.ended(await preflight(runOptions('preflight', { inventory, flags, input }), input.io))
  })
}

const addFiles = (program: Command, input: ProgramInput): void => {
  const { io } = input
  const validate = program
    .command('validate')
    .description('Check an inventory: every mistake at once. Connects to no host.')
    .argument('[inventory]', inventoryWords, defaultInventory)
    .option('--json', 'print the findings as JSON')
    .option('--no-color', 'no colours (as NO_COLOR does)')
    .addHelpText('after', `\n${validateHelp}`)
  validate.action(async (inventory: string, flags: Flags) => {
    const { validate: run } = await import('./commands/validate.js')
    input.ended(await run({ inventory, output: flags.json ? 'json' : 'text' }, io))
  })
  program
    .command('schema')
    .description('Print the JSON Schema of the inventory, for editors.')
    .addHelpText('after', `\n${schemaHelp}`)
    .action(async () => {
      const { schema } = await import('./commands/schema.js')
      input.ended(schema(io))
    })
}

const defaultInventory = 'inventory.yaml'
const inventoryWords = 'the inventory file'

const onHosts = (program: Command, { name, says }: { readonly name: string; readonly says: string }): Command =>
  program
    .command(name)
    .description(says)
    .argument('[inventory]', inventoryWords, defaultInventory)
    .option('--limit <hosts>', 'change these alone: names, worker-[1-3], web-*, roles', list)
    .option('--parallel <n>', 'at most this many hosts at work at once', positive)
    .option('-v, --verbose', 'also commands, what they print, whole new files')
    .option('--json', 'for programs (docs/events.md, docs/plan.md)')
    .option('--no-color', 'no colours (as NO_COLOR does)')
    .addOption(
      new Option('--host-keys <how>', 'unknown SSH host keys: record or refuse them').choices(['accept-new', 'strict']),
    )

const cuts = (command: Command): Command =>
  command
    .option('--stage <stages>', 'change in these stages alone', list)
    .option('--from <stage>', 'change in this stage and those after it')

const positive = (value: string): number => {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It takes a whole number from 1.')
  return number
}

const runOptions = (
  command: RunOptions['command'],
  { inventory, flags, input }: { readonly inventory: string; readonly flags: Flags; readonly input: ProgramInput },
): RunOptions => ({
  command,
  inventory,
  mode: command === 'up' && !flags.dryRun ? 'apply' : 'plan',
  limit: flags.limit ?? [],
  stages: flags.stage ?? [],
  from: flags.from ?? null,
  parallel: flags.parallel ?? null,
  verbosity: flags.verbose ? 'verbose' : 'normal',
  output: flags.json ? 'json' : 'text',
  consent: flags.yes ? 'given' : 'ask',
  hostKeys: flags.hostKeys ?? null,
  lock: flags.breakLock ? 'break' : 'respect',
  colour: flags.color ? 'auto' : 'never',
  again: commandLine(input.argv),
})
