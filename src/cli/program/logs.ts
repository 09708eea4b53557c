// khactl logs, as --help shows it.
import { examples, exits } from '../help/words.js'
import { plain, type Declare, type RunFlags } from './shared.js'

type Flags = Pick<RunFlags, 'verbose' | 'json'> & {
  readonly list?: true
  readonly run?: string
  readonly host?: string
}

export const declareLogs: Declare = (program, { io, ended }) => {
  plain(program, { name: 'logs', help })
    .summary('tell what the last run did')
    .description('Tell what the last run did, on which host, how long it took and how it ended, from its log.')
    .option('--list', 'the runs there are, the last one first')
    .option('--run <run>', 'another run: its number in the list, or its file')
    .option('--host <host>', 'of this host alone')
    .option('-v, --verbose', 'also commands, what they print, steps that changed nothing')
    .option('--json', 'the log as it is: one event a line (docs/events.md)')
    .action(async ({ list, run, host, verbose, json }: Flags) => {
      const { logs } = await import('../commands/logs.js')
      const options = {
        what: list ? ('list' as const) : ('run' as const),
        run: run ?? null,
        host: host ?? null,
        output: json ? ('json' as const) : ('text' as const),
        verbosity: verbose ? ('verbose' as const) : ('normal' as const),
      }
      ended(await logs(options, io))
    })
}

const help = [
  examples([
    ['khactl logs', 'the last run'],
    ['khactl logs --list', 'which runs there are'],
    ['khactl logs --run 2 --host master-1', 'the one before it, on one host'],
    ['khactl logs --verbose | less', 'with every command'],
  ]),
  exits(['ok', 'failed', 'usage']),
].join('\n\n')
