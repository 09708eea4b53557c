// khactl up, as --help shows it.
import { examples, exits, hostClasses } from '../help/words.js'
import { onHosts, runOptions, withCuts, type Declare, type RunFlags } from './shared.js'

export const declareUp: Declare = (program, input) => {
  const command = onHosts(program, { name: 'up', help })
    .summary('make the hosts what the inventory says')
    .description(
      'Make the hosts what the inventory says: show the plan, ask, do it. What is right already is left alone.',
    )
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'stop after the plan, as khactl plan does')
  withCuts(command).option('--break-lock', 'take the hosts over from a run that holds them')
  command.action(async (inventory: string, flags: RunFlags) => {
    const { up } = await import('../commands/up.js')
    input.ended(await up(runOptions('up', { inventory, flags, input }), input.io))
  })
}

const help = [
  examples([
    ['khactl up', 'inventory.yaml in this folder'],
    ['khactl up prod.yaml --yes', 'where nobody can answer'],
    ['khactl up --limit worker-3', 'change this host alone; all are looked at'],
    ['khactl up --from masters', 'leave the stages before it as they are'],
  ]),
  exits(['ok', 'changes', 'failed', 'usage', ...hostClasses, 'locked', 'preflight', 'refused', 'interrupted']),
].join('\n\n')
