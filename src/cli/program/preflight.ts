// khactl preflight, as --help shows it.
import { examples, exits, hostClasses } from '../help/words.js'
import { onHosts, runOptions, type Declare, type RunFlags } from './shared.js'

export const declarePreflight: Declare = (program, input) => {
  onHosts(program, { name: 'preflight', help })
    .summary('check the hosts; changes nothing')
    .description('Check every host for what would stand in the way: all findings in one report. Changes nothing.')
    .action(async (inventory: string, flags: RunFlags) => {
      const { preflight } = await import('../commands/preflight.js')
      input.ended(await preflight(runOptions('preflight', { inventory, flags, input }), input.io))
    })
}

const help = [
  examples([
    ['khactl preflight', 'every check on every host'],
    ['khactl preflight --json', 'for programs'],
  ]),
  exits(['ok', 'preflight', 'failed', 'usage', ...hostClasses]),
].join('\n\n')
