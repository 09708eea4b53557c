// khactl exec, as --help shows it.
import { CommanderError, Option } from 'commander'
import { examples, exits, hostClasses } from '../help/words.js'
import { commandLine, list } from '../options.js'
import { onInventory, positive, type Declare, type ProgramInput, type RunFlags } from './shared.js'

type Flags = Pick<RunFlags, 'parallel' | 'json' | 'hostKeys' | 'color'> & {
  readonly on: readonly string[]
  readonly within: number
}

export const declareExec: Declare = (program, input) => {
  const command = onInventory(program, { name: 'exec', help })
    .usage('[inventory] --on HOSTS [options] -- COMMAND [arguments]')
    .summary('run a command on hosts, as root')
    .description(
      'Run a command on hosts, as root, all at once: what they print, each line with its host. No plan, no lock.',
    )
    .requiredOption('--on <hosts>', 'names, worker-[1-3], web-*, roles, all; may be given again', list)
    .option('--parallel <n>', 'at most this many hosts at once', positive)
    .option('--within <seconds>', 'time a host is given', positive, 600)
    .option('--json', 'one object a line: host and line; host and status')
    .option('--no-color', 'no colours, as NO_COLOR=1')
    .addOption(
      new Option('--host-keys <how>', 'SSH host keys never seen: record or refuse').choices(['accept-new', 'strict']),
    )
    .allowExcessArguments()
  command.action(async (_: string, flags: Flags) => {
    const { inventory, words } = parted(command.args, input)
    const { exec } = await import('../commands/exec.js')
    const { on, parallel, within, json, hostKeys, color } = flags
    const options = {
      ...{ inventory, on, words, withinSeconds: within, parallel: parallel ?? null, hostKeys: hostKeys ?? null },
      output: json ? ('json' as const) : ('text' as const),
      colour: color === false ? ('never' as const) : ('auto' as const),
      again: commandLine(input.argv),
    }
    input.ended(await exec(options, input.io))
  })
}

/** commander drops the `--` that parts the inventory from the command. */
const parted = (
  args: readonly string[],
  { argv }: ProgramInput,
): { readonly inventory: string; readonly words: readonly string[] } => {
  const at = argv.indexOf('--')
  const words = at === -1 ? [] : argv.slice(at + 1)
  const [inventory = 'inventory.yaml', ...more] = args.slice(0, args.length - words.length)
  if (words.length === 0) throw usage('the command is missing: it comes last, after --')
  if (more.length > 0) throw usage(`too many arguments: the command comes after --, not ${more.join(' ')}`)
  return { inventory, words }
}

const usage = (message: string): CommanderError => new CommanderError(1, 'khactl.exec', message)

const help = [
  examples([
    ['khactl exec --on master -- systemctl is-active kubelet', ''],
    ["khactl exec --on all -- 'df -h / | tail -n 1'", 'one word is a script for sh'],
    ['khactl exec prod.yaml --on worker-[1-9],lb-1 --parallel 3 -- apt-get update', ''],
  ]),
  'The exit code is the greatest exit status of the command; a host on which it did\nnot run counts with a code of khactl.',
  exits(['ok', 'usage', ...hostClasses, 'interrupted']),
].join('\n\n')
