// khactl status, as --help shows it.
import { Option } from 'commander'
import { examples, exits, hostClasses } from '../help/words.js'
import { onInventory, runOptions, type Declare, type RunFlags } from './shared.js'

type Flags = RunFlags & { readonly quick?: true }

export const declareStatus: Declare = (program, input) => {
  onInventory(program, { name: 'status', help })
    .summary('what the cluster is now; changes nothing')
    .description(
      'Hosts, VIP, backends, API servers, etcd, nodes, certificates and drift, on one screen. Changes nothing, takes no lock.',
    )
    .option('--quick', 'without drift, for which the whole plan is made')
    .option('--json', 'for programs (docs/status.md)')
    .option('--no-color', 'no colours, as NO_COLOR=1')
    .addOption(
      new Option('--host-keys <how>', 'SSH host keys never seen: record or refuse').choices(['accept-new', 'strict']),
    )
    .action(async (inventory: string, flags: Flags) => {
      const { status } = await import('../commands/status.js')
      const run = runOptions('plan', { inventory, flags, input })
      input.ended(await status({ depth: flags.quick ? 'quick' : 'whole', run }, input.io))
    })
}

const help = [
  examples([
    ['khactl status', ''],
    ['khactl status prod.yaml --quick', 'within a second or two'],
    ['khactl status --json | jq .problems', ''],
  ]),
  'Warnings alone leave the exit code as it is. 2: all works, but not all is as the\ninventory says.',
  exits(['ok', 'failed', 'changes', 'usage', ...hostClasses, 'interrupted']),
].join('\n\n')
