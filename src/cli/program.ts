// The command line: commands, options, help. Each command's code is loaded when it runs, so that --help stays quick.
import { Command, InvalidArgumentError, Option } from 'commander'
import { fullHelp, rootHelp } from './help.js'
import type { Io } from './io.js'
import { commandLine, list, type RunOptions } from './options.js'
import { versionText } from './version.js'

export interface ProgramInput {
  readonly argv: readonly string[]
  readonly io: Io
  /** Called once by the command that ran, with the exit code. */
  readonly ended: (code: number) => void
}

/** Unknown commands and options throw commander's CommanderError, with its "did you mean". */
export const createProgram = (input: ProgramInput): Command => {
  const program = styled(new Command('khactl'), input.io)
    .usage('COMMAND [options]')
    .description('From bare Linux hosts to a highly available Kubernetes cluster, over SSH and nothing else.')
    .version(versionText(), '-V, --version', 'print the version')
    .addHelpText('after', `\n${rootHelp}`)
  for (const add of [addInit, addValidate, addPreflight, addPlan, addUp, addSchema, addVersion]) add(program, input)
  return program
}

const styled = (program: Command, { stdout, stderr }: Io): Command =>
  program
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ helpWidth: 80, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // main tells errors, with what to do.
      outputError: () => undefined,
      getOutHasColors: () => false,
    })

const addUp = (program: Command, input: ProgramInput): void => {
  const command = onHosts(program, 'up')
    .summary('make the hosts what the inventory says')
    .description(
      'Make the hosts what the inventory says: show the plan, ask, do it. What is right already is left alone.',
    )
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'stop after the plan, as khactl plan does')
  cuts(command).option('--break-lock', 'take the hosts over from a run that holds them')
  command.action(async (inventory: string, flags: Flags) => {
    const { up } = await import('./commands/up.js')
    input.ended(await up(runOptions('up', { inventory, flags, input }), input.io))
  })
}

const addPlan = (program: Command, input: ProgramInput): void => {
  const command = onHosts(program, 'plan')
    .summary('show what up would change; changes nothing')
    .description('Show what up would change, with diffs. Changes nothing and leaves no byte behind.')
  cuts(command).action(async (inventory: string, flags: Flags) => {
    const { plan } = await import('./commands/plan.js')
    input.ended(await plan(runOptions('plan', { inventory, flags, input }), input.io))
  })
}

const addPreflight = (program: Command, input: ProgramInput): void => {
  const command = onHosts(program, 'preflight')
    .summary('check the hosts; changes nothing')
    .description('Check every host for what would stand in the way: all findings in one report. Changes nothing.')
  command.action(async (inventory: string, flags: Flags) => {
    const { preflight } = await import('./commands/preflight.js')
    input.ended(await preflight(runOptions('preflight', { inventory, flags, input }), input.io))
  })
}

const addValidate = (program: Command, input: ProgramInput): void => {
  const command = onInventory(program, 'validate')
    .summary('check an inventory; connects to no host')
    .description('Check an inventory: every mistake at once, with its place and its remedy. Connects to no host.')
    .option('--json', 'print the findings as JSON')
  command.action(async (inventory: string, { json }: Flags) => {
    const { validate } = await import('./commands/validate.js')
    input.ended(await validate({ inventory, output: json ? 'json' : 'text' }, input.io))
  })
}

const addInit = (program: Command, input: ProgramInput): void => {
  const command = onInventory(program, 'init')
    .summary('write a starting inventory')
    .description(
      'Write a starting inventory with comments, from what you say and defaults that are right. - is stdout.',
    )
    .option('--name <name>', 'of the cluster')
    .option('--kubernetes <version>', 'all three numbers: 1.30.4')
    .option('--vip <address>', 'the virtual IP: free, in the subnet of the haproxy hosts')
    .option('--haproxy <hosts>', 'addresses or name=address, with commas between; ranges: 10.0.0.[11:12]', list)
    .option('--masters <hosts>', 'the same; an odd number', list)
    .option('--workers <hosts>', 'the same', list)
    .option('--cni <plugin>', 'calico=v3.28.0, flannel=v0.25.1, none, or a manifest')
    .option('--user <user>', 'to log in as')
    .option('--key <file>', 'private key; otherwise the agent and ~/.ssh')
  command.action(async (inventory: string, flags: Flags) => {
    const { init } = await import('./commands/init.js')
    const { kubernetes: version, ...rest } = flags
    input.ended(await init({ inventory, flags: { ...rest, ...(version === undefined ? {} : { version }) } }, input.io))
  })
}

const addSchema = (program: Command, { io, ended }: ProgramInput): void => {
  plain(program, 'schema')
    .description("print the inventory's JSON Schema, for editors")
    .action(async () => ended((await import('./commands/schema.js')).schema(io)))
}

const addVersion = (program: Command, { io, ended }: ProgramInput): void => {
  plain(program, 'version')
    .description('print the version of khactl and of node')
    .action(async () => ended((await import('./commands/version.js')).version(io)))
}

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
  readonly color?: boolean
  readonly name?: string
  readonly kubernetes?: string
  readonly vip?: string
  readonly haproxy?: readonly string[]
  readonly masters?: readonly string[]
  readonly workers?: readonly string[]
  readonly cni?: string
  readonly user?: string
  readonly key?: string
}

const plain = (program: Command, name: keyof typeof fullHelp): Command =>
  program.command(name).addHelpText('after', `\n${fullHelp[name]}`)

const onInventory = (program: Command, name: keyof typeof fullHelp): Command =>
  plain(program, name).argument('[inventory]', 'the inventory file', 'inventory.yaml')

const onHosts = (program: Command, name: 'up' | 'plan' | 'preflight'): Command =>
  onInventory(program, name)
    .option('-v, --verbose', 'also commands, what they print, whole new files')
    .option('--json', 'for programs (docs/events.md, docs/plan.md)')
    .option('--no-color', 'no colours, as NO_COLOR=1')
    .option('--limit <hosts>', 'change these alone: names, worker-[1-3], web-*, roles', list)
    .option('--parallel <n>', 'at most this many hosts at work at once', positive)
    .addOption(
      new Option('--host-keys <how>', 'SSH host keys never seen: record or refuse').choices(['accept-new', 'strict']),
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
  colour: flags.color === false ? 'never' : 'auto',
  again: commandLine(input.argv),
})
