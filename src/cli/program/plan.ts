// khactl plan, as --help shows it.
import { examples, exits, hostClasses } from '../help/words.js'
import { onHosts, runOptions, withCuts, type Declare, type RunFlags } from './shared.js'

export const declarePlan: Declare = (program, input) => {
  const command = onHosts(program, { name: 'plan', help })
    .summary('show what up would change; changes nothing')
    .description('Show what up would change, with diffs. Changes nothing and leaves no byte behind.')
  withCuts(command).action(async (inventory: string, flags: RunFlags) => {
    const { plan } = await import('../commands/plan.js')
    input.ended(await plan(runOptions('plan', { inventory, flags, input }), input.io))
  })
}

const help = [
  examples([
    ['khactl plan', 'inventory.yaml in this folder'],
    ['khactl plan --verbose | less', 'with the whole text of new files'],
    ['khactl plan --json > plan.json', 'for programs'],
  ]),
  exits(['ok', 'changes', 'failed', 'usage', ...hostClasses, 'preflight', 'refused']),
].join('\n\n')
