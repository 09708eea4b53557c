// khactl remove, as --help shows it.
import { examples, exits } from '../help/words.js'
import { classes, withConsent, withInventory } from './membership.js'
import { plain, runOptions, type Declare, type RunFlags } from './shared.js'

interface Flags extends LeavingFlags {
  readonly rebuildEtcdFromOneSurvivor?: true
  readonly confirm?: string
}

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
    .option('--rebuild-etcd-from-one-survivor', 'with --dead, the quorum gone for good: docs/disaster.md')
    .option('--confirm <cluster>', 'its name, which that asks for; --yes is not enough')
    .action(async (hosts: readonly string[], flags: Flags) => {
      const options = runOptions('remove', { inventory: flags.inventory, flags, input })
      const wanted = { options, hosts, ...leavingWishes(flags) }
      if (!flags.rebuildEtcdFromOneSurvivor) {
        if (flags.confirm !== undefined) command.error('error: --confirm is for --rebuild-etcd-from-one-survivor')
        const { remove } = await import('../commands/remove.js')
        input.ended(await remove(wanted, input.io))
        return
      }
      if (!flags.dead) command.error('error: --rebuild-etcd-from-one-survivor is for hosts that are --dead')
      const { rebuild } = await import('../commands/rebuild.js')
      input.ended(await rebuild({ ...wanted, confirm: flags.confirm ?? null }, input.io))
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
