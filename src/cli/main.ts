// argv → exit code: runs the command, and holds the one catch of the program.
import { CommanderError } from 'commander'
import { exitCodes, KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import type { Io } from './io.js'
import { createProgram } from './program.js'

/** Never rejects; what went wrong is on stderr. */
export const main = async (argv: readonly string[], io: Io): Promise<number> => {
  let code: number = exitCodes.ok
  const program = createProgram({ argv, io, ended: (ended) => (code = ended) })
  if (argv.length === 0) {
    program.outputHelp({ error: true })
    return exitCodes.usage
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return commandLineError(error, { argv, io })
    return tellError(error, io)
  }
}

/** Help and version end a parse by an error of their own with exit code 0. */
const commandLineError = (
  { exitCode, message }: CommanderError,
  { argv, io }: { readonly argv: readonly string[]; readonly io: Io },
): number => {
  if (exitCode === 0) return exitCodes.ok
  const command =
    argv[0] !== undefined && /^[a-z-]+$/.test(argv[0]) && !/unknown command/.test(message) ? ` ${argv[0]}` : ''
  const [what = '', ...near] = message.replace(/^error: /, '').split('\n')
  io.stderr.write(
    `khactl: ${what}\n${near.map((line) => `  ${line}\n`).join('')}  khactl${command} --help lists them.\n`,
  )
  return exitCodes.usage
}

/** The words of errors are loaded when there is one. */
const tellError = async (error: unknown, io: Io): Promise<number> => {
  const { failureLines } = await import('../report/error-text.js')
  const { createStyle, wantsColour } = await import('../report/style.js')
  const style = createStyle(wantsColour(io.stderr, { env: io.env, flag: 'auto' }))
  io.stderr.write(`${failureLines(failureOf(error), { style, columns: io.stderr.columns }).join('\n')}\n`)
  return error instanceof KhactlError ? exitCodes[error.details.exit] : exitCodes.failed
}
