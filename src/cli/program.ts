// The command line: the commands in the order of --help, and how all of them behave.
import { Command } from 'commander'
import { rootHelp } from './help/root.js'
import type { Io } from './io.js'
import { declareAdd } from './program/add.js'
import { declareCompletion } from './program/completion.js'
import { declareExec } from './program/exec.js'
import { declareInit } from './program/init.js'
import { declareKubeconfig } from './program/kubeconfig.js'
import { declareLogs } from './program/logs.js'
import { declarePlan } from './program/plan.js'
import { declarePreflight } from './program/preflight.js'
import { declareRemove } from './program/remove.js'
import { declareReplace } from './program/replace.js'
import { declareRun } from './program/run.js'
import { declareReset } from './program/reset.js'
import { declareSchema } from './program/schema.js'
import type { Declare, ProgramInput } from './program/shared.js'
import { declareStatus } from './program/status.js'
import { declareUp } from './program/up.js'
import { declareValidate } from './program/validate.js'
import { declareVersion } from './program/version.js'
import { versionText } from './version.js'

const commands: readonly Declare[] = [
  declareInit,
  declareValidate,
  declarePreflight,
  declarePlan,
  declareUp,
  declareStatus,
  declareAdd,
  declareRemove,
  declareReplace,
  declareReset,
  declareKubeconfig,
  declareExec,
  declareRun,
  declareLogs,
  declareSchema,
  declareCompletion,
  declareVersion,
]

/** Unknown commands and options throw commander's CommanderError, with its "did you mean". */
export const createProgram = (input: ProgramInput): Command => {
  const program = styled(new Command('khactl'), input.io)
    .usage('COMMAND [options]')
    .description('From bare Linux hosts to a highly available Kubernetes cluster, over SSH and nothing else.')
    .version(versionText(), '-V, --version', 'print the version')
    .addHelpText('after', `\n${rootHelp}`)
  for (const declare of commands) declare(program, input)
  return program
}

const styled = (program: Command, { stdout, stderr }: Io): Command =>
  program
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ helpWidth: 80, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // main tells errors, with what to do.
      outputError: () => undefined,
      getOutHasColors: () => false,
    })
