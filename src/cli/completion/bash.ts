// The completion script for bash, and for zsh by its bashcompinit.
import type { CommandSpec, Value } from './spec.js'

export interface ScriptInput {
  readonly commands: readonly CommandSpec[]
  readonly stages: readonly string[]
}

export const bashScript = (input: ScriptInput): string => `# bash completion of khactl: source <(khactl completion bash)
_khactl() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= index
  local options= words= value= known= kept=
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    # What follows belongs to the command that is run on the hosts.
    [ "\${COMP_WORDS[index]}" = -- ] && return 0
    case \${COMP_WORDS[index]} in -*) ;; *) [ "$command" ] || command=\${COMP_WORDS[index]} ;; esac
  done
  # --limit=web-1 arrives as three words.
  [ "$current" = = ] && current=
  [ "$before" = = ] && before=\${COMP_WORDS[COMP_CWORD - 2]}
  case $command in
  '') options='--help --version' words='${input.commands.map(({ name }) => name).join(' ')}' ;;
${input.commands.map(commandCase).join('\n')}
  esac
  if [ -z "$value" ]; then
    case $current in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")); return 0 ;;
    esac
    value=$words
  fi
  case $value in
  @hosts | @one-host)
    known=$("\${COMP_WORDS[0]/#\\~/$HOME}" completion --hosts -- "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}" 2>/dev/null)
    if [ "$value" = @hosts ]; then
      known="$known haproxy master worker"
      [ "$before" = --on ] && known="$known all"
      case $current in *,*) kept=\${current%,*}, current=\${current##*,} ;; esac
    fi ;;
  @stages)
    known='${input.stages.join(' ')}'
    case $current in *,*) kept=\${current%,*}, current=\${current##*,} ;; esac ;;
  @inventory)
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -X '!*.yaml' -- "$current"; compgen -f -X '!*.yml' -- "$current"; compgen -d -- "$current"))
    return 0 ;;
  @file)
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
    return 0 ;;
  @none) return 0 ;;
  *) known=$value ;;
  esac
  COMPREPLY=($(compgen -P "$kept" -W "$known" -- "$current"))
}
complete -F _khactl khactl
`

export const zshScript = (input: ScriptInput): string => `#compdef khactl
# zsh completion of khactl: source <(khactl completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bashScript(input)}`

const commandCase = ({ name, options, words }: CommandSpec): string => {
  const flags = options.flatMap((option) => option.flags.filter((flag) => flag.startsWith('--')))
  const values = options.flatMap(({ flags: all, value }) =>
    value === null ? [] : [`${all.join(' | ')}) value='${shown(value)}' ;;`],
  )
  const cases = values.length === 0 ? '' : `\n    case $before in\n    ${values.join('\n    ')}\n    esac`
  return `  ${name})\n    options='${flags.join(' ')}' words='${shown(words)}'${cases} ;;`
}

const shown = (value: Value): string => (typeof value === 'string' ? `@${value}` : value.join(' '))
