// khactl run, as --help shows it.
import { examples, exits } from '../help/words.js'
import { classes, withInventory } from './membership.js'
import { plain, runOptions, withCuts, withRunOptions, type Declare, type RunFlags } from './shared.js'

export const declareRun: Declare = (program, input) => {
  const command = plain(program, { name: 'run', help })
    .argument('<playbook>', 'a playbook of your own (docs/playbooks.md)')
    .summary('run a playbook of your own')
    .description(
      'Run a playbook of your own: show the plan, ask, do it, as up does. What is right already is left alone.',
    )
  withRunOptions(withInventory(command))
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'stop after the plan')
  withCuts(command)
    .option('--break-lock', 'take the hosts over from a run that holds them')
    .action(async (playbook: string, flags: RunFlags & { readonly inventory: string }) => {
      const { runPlaybook } = await import('../commands/run-playbook.js')
      const options = runOptions('run', { inventory: flags.inventory, flags, input })
      input.ended(await runPlaybook({ options, playbook }, input.io))
    })
}

const help = [
  examples([
    ['khactl run motd.yaml --dry-run', 'what it would change'],
    ['khactl run motd.yaml --limit worker', 'change the workers alone'],
    ['khactl run motd.yaml -i prod.yaml --yes', 'where nobody can answer'],
  ]),
  exits(classes),
].join('\n\n')
