// khactl schema, as --help shows it.
import { examples } from '../help/words.js'
import { plain, type Declare } from './shared.js'

export const declareSchema: Declare = (program, { io, ended }) => {
  plain(program, { name: 'schema', help })
    .description("print the inventory's JSON Schema, for editors")
    .action(async () => ended((await import('../commands/schema.js')).schema(io)))
}

const help = examples([
  ['khactl schema > khactl.schema.json', ''],
  ['# yaml-language-server: $schema=khactl.schema.json', 'its first line then'],
])
