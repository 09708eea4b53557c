// khactl init, as --help shows it.
import type { StartFlags } from '../../inventory/start.js'
import { examples, exits } from '../help/words.js'
import { list } from '../options.js'
import { onInventory, type Declare } from './shared.js'

/** --version is the program's own. */
type Flags = Omit<StartFlags, 'version'> & { readonly kubernetes?: string }

export const declareInit: Declare = (program, { io, ended }) => {
  onInventory(program, { name: 'init', help })
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
    .action(async (inventory: string, { kubernetes: version, ...rest }: Flags) => {
      const { init } = await import('../commands/init.js')
      ended(await init({ inventory, flags: { ...rest, ...(version === undefined ? {} : { version }) } }, io))
    })
}

const help = [
  examples([
    ['khactl init --vip 10.0.0.10 --haproxy 10.0.0.11,10.0.0.12 \\', ''],
    ['  --masters 10.0.0.[21:23] --workers web=10.0.0.31', ''],
    ['khactl init - --cni none | less', 'look at one with examples'],
  ]),
  exits(['ok', 'usage']),
].join('\n\n')
