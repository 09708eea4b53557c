// khactl remove, as --help shows it.
import { examples, exits } from '../help/words.js'
import { classes, withConsent, withInventory } from './membership.js'
import { plain, runOptions, type Declare, type RunFlags } from './shared.js'

export interface LeavingFlags extends RunFlags {
  readonly inventory: string
  readonly dead?: true
  readonly force?: true
  readonly packages?: true
}

export const declareRemove: Declare = (program, input) => {
  const command = plain(program, { name: 'remove', help })
    .argument('<hosts...>', 'names of hosts of the inventory')
    .summary('take hosts out of a living cluster')
    .description(
      'Take hosts out of the cluster, in the order in which nothing is lost: etcd is saved, traffic leaves, pods move, etcd lets go, the host is emptied, the inventory forgets it. Refused when etcd would lose its quorum.',
    )
  withConsent(withInventory(command))
    .option('--dead', 'they are gone for good: proved, then removed without them')
    .option('--force', 'pods that nobody makes again go too, with their emptyDir data')
    .option('--packages', 'remove the packages khactl installed there, too')
    .action(async (hosts: readonly string[], flags: LeavingFlags) => {
      const { remove } = await import('../commands/remove.js')
      const options = runOptions('remove', { inventory: flags.inventory, flags, input })
      input.ended(await remove({ options, hosts, ...leavingWishes(flags) }, input.io))
    })
}

export const leavingWishes = ({ dead, force, packages }: LeavingFlags) =>
  ({
    manner: dead ? 'dead' : 'absent',
    drain: force ? 'despite losses' : 'careful',
    remove: packages ? 'packages' : 'own files',
  }) as const

const help = [
  examples([
    ['khactl remove worker-3', 'its pods move first'],
    ['khactl remove master-1 worker-7 --dry-run', 'what would happen, in which order'],
    ['khactl remove master-2 --dead', 'its machine burned'],
  ]),
  'A removal that died half-way is marked in the inventory: khactl up ends it.',
  exits(classes),
].join('\n\n')
