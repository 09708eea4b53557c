// khactl replace, as --help shows it.
import { examples, exits } from '../help/words.js'
import { classes, withConsent, withInventory } from './membership.js'
import { leavingWishes, type LeavingFlags } from './remove.js'
import { plain, runOptions, type Declare } from './shared.js'

interface Flags extends LeavingFlags {
  readonly with: string
}

export const declareReplace: Declare = (program, input) => {
  const command = plain(program, { name: 'replace', help })
    .argument('<old>', 'the host that goes')
    .summary('put another host in the place of one')
    .description(
      'Put another host in the place of one, in the same lists. A node that is alive goes after the new one came; one that is dead goes first, since it weighs on the majority of etcd. A haproxy host hands the virtual IP to another one first.',
    )
  withConsent(withInventory(command))
    .requiredOption('--with <host>', 'the new one: name=NAME,address=ADDRESS[,…], as for add-master')
    .option('--dead', 'the old one is gone for good')
    .option('--force', 'pods that nobody makes again go too, with their emptyDir data')
    .option('--packages', 'remove the packages khactl installed on the old one, too')
    .action(async (old: string, flags: Flags) => {
      const [{ replace }, { parseHostFlag }] = await Promise.all([
        import('../commands/replace.js'),
        import('../host-flag.js'),
      ])
      const options = runOptions('replace', { inventory: flags.inventory, flags, input })
      input.ended(await replace({ options, old, by: parseHostFlag(flags.with), ...leavingWishes(flags) }, input.io))
    })
}

const help = [
  examples([
    ['khactl replace master-1 --with name=master-4,address=10.0.0.24', ''],
    ['khactl replace master-1 --dead --with master-4=10.0.0.24', ''],
  ]),
  exits(classes),
].join('\n\n')
