// The words below the options in --help: what a command does in order, examples, exit codes.
import { exitCodes, type ExitClass } from '../model/error.js'

const meanings: Readonly<Record<ExitClass, string>> = {
  ok: 'done, in sync',
  failed: 'something failed or could not be read',
  changes: 'plan: something would change',
  usage: 'wrong command line or inventory',
  unreachable: 'host unreachable',
  auth: 'login or sudo refused',
  hostKey: 'host key refused',
  locked: 'another run holds a host',
  preflight: 'a check failed, nothing was changed',
  refused: 'khactl refuses: it would not be safe',
  interrupted: 'Ctrl-C',
}

const exits = (classes: readonly ExitClass[]): string =>
  wrapped(`Exit codes: ${classes.map((one) => `${exitCodes[one]} ${meanings[one]}`).join('; ')}.`)

const wrapped = (text: string): string => {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length > 78) lines.push(`  ${word}`)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}

const examples = (lines: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...lines.map(([command]) => command.length))
  return ['Examples:', ...lines.map(([command, why]) => `  ${command.padEnd(width)}  ${why}`.trimEnd())].join('\n')
}

const hostClasses = ['unreachable', 'auth', 'hostKey'] as const

export const rootHelp = [
  examples([
    ['khactl init --vip 10.0.0.10 … > inventory.yaml', 'begin'],
    ['khactl validate', 'find every mistake in it, connect to nothing'],
    ['khactl plan', 'see what would change; changes nothing'],
    ['khactl up', 'shows the plan, asks, and does it; again after any failure'],
  ]),
  exits(Object.keys(exitCodes) as ExitClass[]),
  'khactl COMMAND --help explains a command.',
].join('\n\n')

export const upHelp = [
  examples([
    ['khactl up', 'with ./inventory.yaml; the second run changes nothing'],
    ['khactl up prod.yaml --yes', 'where nobody can answer'],
    ['khactl up --limit worker-3', 'change this host alone; all are looked at'],
    ['khactl up --from masters', 'leave the stages before it as they are'],
  ]),
  exits(['ok', 'failed', 'usage', ...hostClasses, 'locked', 'preflight', 'refused', 'interrupted']),
].join('\n\n')

export const planHelp = [
  examples([
    ['khactl plan', 'with ./inventory.yaml'],
    ['khactl plan --verbose | less -R', 'with the whole text of new files'],
    ['khactl plan --json > plan.json', 'for programs: docs/plan.md'],
  ]),
  exits(['ok', 'changes', 'failed', 'usage', ...hostClasses, 'preflight', 'refused']),
].join('\n\n')

export const preflightHelp = [
  examples([
    ['khactl preflight', 'every check on every host, all findings at once'],
    ['khactl preflight --limit worker', 'the workers alone'],
  ]),
  exits(['ok', 'preflight', 'failed', 'usage', ...hostClasses]),
].join('\n\n')

export const validateHelp = [
  examples([
    ['khactl validate prod.yaml', 'every mistake with line, column and remedy'],
    ['khactl validate --json', 'the same for programs'],
  ]),
  exits(['ok', 'usage']),
].join('\n\n')

export const schemaHelp = examples([
  ['khactl schema > khactl.schema.json', ''],
  ['# yaml-language-server: $schema=khactl.schema.json', 'as the first line of the inventory'],
])
