// argv → exit code: runs the command, and holds the one catch of the program.
import { CommanderError } from 'commander'
import type { exitCodes } from '../model/error.js'
import type { Io } from './io.js'
import { createProgram } from './program.js'

/** Errors and their words are loaded when there is one. */
const ended = { ok: 0, usage: 3 } satisfies Pick<typeof exitCodes, 'ok' | 'usage'>

/** Never rejects; what went wrong is on stderr. */
export const main = async (argv: readonly string[], io: Io): Promise<number> => {
  let code: number = ended.ok
  const program = createProgram({ argv, io, ended: (exit) => (code = exit) })
  if (argv.length === 0) {
    program.outputHelp({ error: true })
    return ended.usage
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return commandLineError(error, { argv, io })
    const { tellError } = await import('./tell-error.js')
    return tellError(error, io)
  }
}

/** Help and version end a parse by an error of their own with exit code 0. */
const commandLineError = (
  { exitCode, message }: CommanderError,
  { argv, io }: { readonly argv: readonly string[]; readonly io: Io },
): number => {
  if (exitCode === 0) return ended.ok
  const command =
    argv[0] !== undefined && /^[a-z-]+$/.test(argv[0]) && !/unknown command/.test(message) ? ` ${argv[0]}` : ''
  const [what = '', ...near] = message.replace(/^error: /, '').split('\n')
  io.stderr.write(
    `khactl: ${what}\n${near.map((line) => `  ${line}\n`).join('')}  khactl${command} --help lists them.\n`,
  )
  return ended.usage
}
