// What stands below the options in --help: examples and exit codes.
import { exitCodes, type ExitClass } from '../../model/error.js'

const meanings: Readonly<Record<ExitClass, string>> = {
  ok: 'done, or in sync',
  failed: 'something failed or could not be read',
  changes: 'a plan, and something would change',
  usage: 'wrong command line or inventory',
  unreachable: 'host unreachable',
  auth: 'login or sudo refused',
  hostKey: 'host key refused',
  locked: 'another run holds a host',
  preflight: 'a check failed, nothing was changed',
  refused: 'khactl refuses: it would not be safe',
  interrupted: 'Ctrl-C',
}

export const exits = (classes: readonly ExitClass[]): string =>
  flowing(
    'Exit codes:',
    classes.map((one) => `${exitCodes[one]} ${meanings[one]}`),
  )

/** Parts with semicolons between, none of them broken, on lines of at most 80 columns. */
const flowing = (label: string, parts: readonly string[]): string => {
  const lines = [label]
  for (const [index, part] of parts.entries()) {
    const text = `${part}${index === parts.length - 1 ? '.' : ';'}`
    const line = lines.at(-1) ?? ''
    if (line.length + text.length >= 80) lines.push(`  ${text}`)
    else lines.splice(-1, 1, `${line} ${text}`)
  }
  return lines.join('\n')
}

export const examples = (lines: readonly (readonly [command: string, why: string])[]): string => {
  const width = Math.max(...lines.map(([command, why]) => (why === '' ? 0 : command.length)))
  return ['Examples:', ...lines.map(([command, why]) => `  ${command.padEnd(width)}  ${why}`.trimEnd())].join('\n')
}

export const hostClasses = ['unreachable', 'auth', 'hostKey'] as const
