// The completion script for fish.
import type { ScriptInput } from './bash.js'
import type { CommandSpec, OptionSpec, Value } from './spec.js'

export const fishScript = ({ commands, stages }: ScriptInput): string =>
  [
    '# fish completion of khactl: khactl completion fish | source',
    'function __khactl_hosts',
    '  khactl completion --hosts -- (commandline -opc)[2..-1] 2>/dev/null',
    'end',
    'complete -c khactl -f',
    ...commands.map(
      ({ name, summary }) => `complete -c khactl -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ),
    ...commands.flatMap((command) => commandLines(command, stages)),
    '',
  ].join('\n')

const commandLines = ({ name, options, words }: CommandSpec, stages: readonly string[]): readonly string[] => {
  const start = `complete -c khactl -n '__fish_seen_subcommand_from ${name}'`
  const values = valuesOf(words, stages)
  return [
    ...(values === '' ? [] : [`${start}${values}`]),
    ...options.map(
      (option) => `${start}${flagsOf(option)} -d ${quoted(option.description)}${argument(option, stages)}`,
    ),
  ]
}

const flagsOf = ({ flags }: OptionSpec): string =>
  flags.map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`)).join('')

const argument = ({ value }: OptionSpec, stages: readonly string[]): string => {
  if (value === null) return ''
  return ` -r${valuesOf(value, stages)}`
}

const valuesOf = (value: Value, stages: readonly string[]): string => {
  switch (value) {
    case 'hosts':
      return " -a '(__khactl_hosts) haproxy master worker all'"
    case 'one-host':
      return " -a '(__khactl_hosts)'"
    case 'stages':
      return ` -a '${stages.join(' ')}'`
    case 'inventory':
      return " -a '(__fish_complete_suffix .yaml)'"
    case 'file':
      return ' -F'
    case 'none':
      return ''
    default:
      return ` -a '${value.join(' ')}'`
  }
}

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`
