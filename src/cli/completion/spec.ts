// What can be completed on the command line, read off the declared commands, so that it is never behind them.
import type { Command, Option } from 'commander'

/** `hosts`: names and roles, with commas between. `one-host`: a name. `none`: a value that nobody can guess. */
export type Value = 'hosts' | 'one-host' | 'stages' | 'inventory' | 'file' | 'none' | readonly string[]

export interface OptionSpec {
  /** `--limit`, `-i` */
  readonly flags: readonly string[]
  readonly description: string
  /** null: it takes none. */
  readonly value: Value | null
}

export interface CommandSpec {
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionSpec[]
  /** Of the words that are no options. */
  readonly words: Value
}

export const shells = ['bash', 'zsh', 'fish'] as const

export const specOf = (program: Command): readonly CommandSpec[] =>
  program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: [...command.options.filter(({ hidden }) => !hidden).map((option) => optionSpec(command, option)), help],
    words: wordsOf(command),
  }))

const help: OptionSpec = { flags: ['--help', '-h'], description: 'print this help', value: null }

const optionSpec = (command: Command, option: Option): OptionSpec => ({
  flags: [option.long, option.short].flatMap((flag) => flag ?? []),
  description: option.description,
  value: option.required || option.optional ? valueOf(command, option) : null,
})

const valueOf = (command: Command, { long, argChoices }: Option): Value => {
  if (argChoices) return argChoices
  switch (long ?? '') {
    case '--limit':
    case '--on':
      return 'hosts'
    case '--host':
      return command.name() === 'logs' ? 'one-host' : command.name() === 'reset' ? 'hosts' : 'none'
    case '--stage':
    case '--from':
      return 'stages'
    case '--inventory':
      return 'inventory'
    case '--output':
    case '--key':
      return 'file'
    default:
      return 'none'
  }
}

const wordsOf = ({ registeredArguments: [first] }: Command): Value => {
  if (!first) return 'none'
  switch (first.name()) {
    case 'inventory':
      return 'inventory'
    case 'shell':
      return shells
    case 'hosts':
    case 'host':
    case 'old':
      return 'one-host'
    default:
      return 'file'
  }
}
