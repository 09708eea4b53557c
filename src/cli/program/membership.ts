// What the commands that change who belongs share: the options of a run, without those that cut it.
import { Option, type Command } from 'commander'
import { positive } from './shared.js'

export const withConsent = (command: Command): Command => withChanges(command.option('-y, --yes', 'do not ask'))

/** Of a command that wants more than a yes. */
export const withChanges = (command: Command): Command =>
  command
    .option('-n, --dry-run', 'stop after the plan')
    .option('-v, --verbose', 'also commands, what they print, whole new files')
    .option('--json', 'for programs (docs/events.md, docs/plan.md)')
    .option('--no-color', 'no colours, as NO_COLOR=1')
    .option('--parallel <n>', 'at most this many hosts at work at once', positive)
    .option('--break-lock', 'take the hosts over from a run that holds them')
    .addOption(
      new Option('--host-keys <how>', 'SSH host keys never seen: record or refuse').choices(['accept-new', 'strict']),
    )

/** Where the hosts are the arguments, the inventory is an option. */
export const withInventory = (command: Command): Command =>
  command.option('-i, --inventory <file>', 'the inventory file', 'inventory.yaml')

export const classes = [
  ...['ok', 'changes', 'failed', 'usage', 'unreachable', 'auth', 'hostKey'],
  ...['locked', 'preflight', 'refused', 'interrupted'],
] as const
