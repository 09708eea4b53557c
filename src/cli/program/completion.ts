// khactl completion, as --help shows it.
import { CommanderError, Option } from 'commander'
import { shells, specOf } from '../completion/spec.js'
import { examples, exits } from '../help/words.js'
import { plain, type Declare } from './shared.js'

export const declareCompletion: Declare = (program, { argv, io, ended }) => {
  plain(program, { name: 'completion', help })
    .usage('SHELL')
    .argument('[shell]', 'bash, zsh or fish')
    .summary('print a completion script for your shell')
    .description(
      'Print a completion script for bash, zsh or fish: commands, options, stages, inventories, and the names of hosts.',
    )
    .addOption(new Option('--hosts').hideHelp())
    .allowExcessArguments()
    .action(async (name: string | undefined, { hosts }: { readonly hosts?: true }) => {
      const { completion, completeHosts } = await import('../commands/completion.js')
      if (hosts) return ended(await completeHosts(argv.slice(argv.indexOf('--') + 1), io))
      const shell = shells.find((one) => one === name)
      if (shell === undefined) throw new CommanderError(1, 'khactl.completion', `name a shell: ${shells.join(', ')}`)
      ended(await completion({ shell, commands: specOf(program) }, io))
    })
}

const help = [
  examples([
    ['source <(khactl completion bash)', 'in ~/.bashrc; the same with zsh in ~/.zshrc'],
    ['khactl completion fish | source', 'in ~/.config/fish/config.fish'],
  ]),
  exits(['ok', 'usage']),
].join('\n\n')
