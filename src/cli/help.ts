// The words below the options in --help: what a command does in order, examples, exit codes.
import { exitCodes, type ExitClass } from '../model/error.js'

const meanings: Readonly<Record<ExitClass, string>> = {
  ok: 'done, or in sync',
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

const examples = (lines: readonly (readonly [command: string, why: string])[]): string => {
  const width = Math.max(...lines.map(([command, why]) => (why === '' ? 0 : command.length)))
  return ['Examples:', ...lines.map(([command, why]) => `  ${command.padEnd(width)}  ${why}`.trimEnd())].join('\n')
}

const hostClasses = ['unreachable', 'auth', 'hostKey'] as const

export const rootHelp = [
  examples([
    ['khactl init --vip 10.0.0.10 …', 'begin: writes inventory.yaml'],
    ['khactl validate', 'every mistake in it, with its remedy'],
    ['khactl plan', 'what would change, on every host'],
    ['khactl up', 'shows the plan, asks, does it'],
  ]),
  'up may be run again at any time: after a failure it goes on, and when nothing is\nleft to do it changes nothing.',
  exits(Object.keys(exitCodes) as ExitClass[]),
  'khactl COMMAND --help explains a command.',
].join('\n\n')

/** Below the options of each command. */
export const fullHelp = {
  up: [
    examples([
      ['khactl up', 'inventory.yaml in this folder'],
      ['khactl up prod.yaml --yes', 'where nobody can answer'],
      ['khactl up --limit worker-3', 'change this host alone; all are looked at'],
      ['khactl up --from masters', 'leave the stages before it as they are'],
    ]),
    exits(['ok', 'failed', 'usage', ...hostClasses, 'locked', 'preflight', 'refused', 'interrupted']),
  ].join('\n\n'),
  plan: [
    examples([
      ['khactl plan', 'inventory.yaml in this folder'],
      ['khactl plan --verbose | less', 'with the whole text of new files'],
      ['khactl plan --json > plan.json', 'for programs'],
    ]),
    exits(['ok', 'changes', 'failed', 'usage', ...hostClasses, 'preflight', 'refused']),
  ].join('\n\n'),
  preflight: [
    examples([
      ['khactl preflight', 'every check on every host'],
      ['khactl preflight --json', 'for programs'],
    ]),
    exits(['ok', 'preflight', 'failed', 'usage', ...hostClasses]),
  ].join('\n\n'),
  validate: [
    examples([
      ['khactl validate prod.yaml', ''],
      ['khactl validate --json', 'for programs'],
    ]),
    exits(['ok', 'usage']),
  ].join('\n\n'),
  init: [
    examples([
      ['khactl init --vip 10.0.0.10 --haproxy 10.0.0.11,10.0.0.12 \\', ''],
      ['  --masters 10.0.0.[21:23] --workers web=10.0.0.31', ''],
      ['khactl init - --cni none | less', 'look at one with examples'],
    ]),
    exits(['ok', 'usage']),
  ].join('\n\n'),
  schema: examples([
    ['khactl schema > khactl.schema.json', ''],
    ['# yaml-language-server: $schema=khactl.schema.json', 'its first line then'],
  ]),
  version: exits(['ok']),
}
