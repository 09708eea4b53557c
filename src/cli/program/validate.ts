// khactl validate, as --help shows it.
import { examples, exits } from '../help/words.js'
import { onInventory, type Declare } from './shared.js'

export const declareValidate: Declare = (program, { io, ended }) => {
  onInventory(program, { name: 'validate', help })
    .summary('check an inventory; connects to no host')
    .description('Check an inventory: every mistake at once, with its place and its remedy. Connects to no host.')
    .option('--json', 'print the findings as JSON')
    .action(async (inventory: string, { json }: { readonly json?: true }) => {
      const { validate } = await import('../commands/validate.js')
      ended(await validate({ inventory, output: json ? 'json' : 'text' }, io))
    })
}

const help = [
  examples([
    ['khactl validate prod.yaml', ''],
    ['khactl validate --json', 'for programs'],
  ]),
  exits(['ok', 'usage']),
].join('\n\n')
