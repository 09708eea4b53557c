// khactl kubeconfig, as --help shows it.
import { Option } from 'commander'
import { examples, exits, hostClasses } from '../help/words.js'
import { commandLine } from '../options.js'
import { onInventory, type Declare, type RunFlags } from './shared.js'

type Flags = Pick<RunFlags, 'hostKeys'> & { readonly output?: string; readonly merge?: true }

export const declareKubeconfig: Declare = (program, { argv, io, ended }) => {
  onInventory(program, { name: 'kubeconfig', help })
    .summary("fetch the admin's kubeconfig")
    .description(
      "Fetch the admin's kubeconfig from a healthy master, for you alone to read (0600). Contacts the masters and no other host.",
    )
    .option('-o, --output <file>', 'in place of the file that the inventory says; - is stdout')
    .option('--merge', 'into a file that may hold other clusters')
    .addOption(
      new Option('--host-keys <how>', 'SSH host keys never seen: record or refuse').choices(['accept-new', 'strict']),
    )
    .action(async (inventory: string, { output, merge, hostKeys }: Flags) => {
      const { kubeconfig } = await import('../commands/kubeconfig.js')
      const options = {
        ...{ inventory, output: output ?? null, hostKeys: hostKeys ?? null, again: commandLine(argv) },
        merge: merge ? ('merge' as const) : ('as the inventory says' as const),
      }
      ended(await kubeconfig(options, io))
    })
}

const help = [
  examples([
    ['khactl kubeconfig', 'where `up` puts it'],
    ['khactl kubeconfig prod.yaml --merge -o ~/.kube/config', 'beside other clusters'],
    ['khactl kubeconfig -o - | ssh desk tee config', 'elsewhere'],
  ]),
  exits(['ok', 'failed', 'usage', ...hostClasses, 'refused', 'interrupted']),
].join('\n\n')
