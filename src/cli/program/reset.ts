// khactl reset, as --help shows it.
import { examples, exits } from '../help/words.js'
import { list } from '../options.js'
import { classes, withChanges } from './membership.js'
import { onInventory, runOptions, type Declare, type RunFlags } from './shared.js'

interface ResetFlags extends RunFlags {
  readonly host?: readonly string[]
  readonly packages?: true
  readonly confirm?: string
}

export const declareReset: Declare = (program, input) => {
  const command = onInventory(program, { name: 'reset', help })
    .summary('give a cluster up, and the hosts back')
    .description(
      "Give the whole cluster up: Kubernetes and what khactl put on the hosts is removed. Asks for the cluster's name. With --host: hosts that are no part of it (a member that is well is removed by khactl remove).",
    )
    .option('--host <names>', 'these hosts alone', list)
    .option('--packages', 'remove the packages khactl installed, too, and their data')
    .option('--confirm <name>', 'the name of the cluster, where nobody can type it')
  withChanges(command).action(async (inventory: string, flags: ResetFlags) => {
    const { reset } = await import('../commands/reset.js')
    const options = runOptions('reset', { inventory, flags, input })
    const { host = [], packages, confirm = null } = flags
    input.ended(await reset({ options, hosts: host, remove: packages ? 'packages' : 'own files', confirm }, input.io))
  })
}

const help = [
  examples([
    ['khactl reset --dry-run', 'what would be removed, and what stays'],
    ['khactl reset prod.yaml --packages', 'asks for the name of the cluster'],
    ['khactl reset --host worker-3', 'its join died, and nobody counts it'],
  ]),
  'What stays, and why: docs/reset.md.',
  exits(classes),
].join('\n\n')
