// khactl version, as --help shows it.
import { exits } from '../help/words.js'
import { plain, type Declare } from './shared.js'

export const declareVersion: Declare = (program, { io, ended }) => {
  plain(program, { name: 'version', help: exits(['ok']) })
    .description('print the version of khactl and of node')
    .action(async () => ended((await import('../commands/version.js')).version(io)))
}
