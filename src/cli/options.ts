// What the command line said, parsed: the commands see this and never argv.
import { quote } from '../text/quote.js'

/** Options of the commands that look at hosts. Modes are words. */
export interface RunOptions {
  readonly command:
    'up' | 'plan' | 'preflight' | 'add-master' | 'add-worker' | 'add-haproxy' | 'remove' | 'replace' | 'reset' | 'run'
  /** As the operator wrote it; relative to the working directory. */
  readonly inventory: string
  /** khactl run alone: the playbook, as the operator wrote it. */
  readonly ownPlaybook?: string
  /** `plan`: nothing can be changed (plan, preflight, up --dry-run). */
  readonly mode: 'plan' | 'apply'
  /** Names, ranges (`worker-[1-5]`), patterns (`worker-*`) and roles, as written; empty: every host. */
  readonly limit: readonly string[]
  /** Stage ids; empty: all. */
  readonly stages: readonly string[]
  readonly from: string | null
  /** Hosts at work at once, at most; null: as the playbook says. */
  readonly parallel: number | null
  readonly verbosity: 'normal' | 'verbose'
  readonly output: 'text' | 'json'
  /** `given`: --yes. */
  readonly consent: 'ask' | 'given'
  /** null: as the inventory says. */
  readonly hostKeys: 'accept-new' | 'strict' | null
  readonly lock: 'respect' | 'break'
  readonly colour: 'auto' | 'never'
  /** The command line as it was given, quoted for a shell: what to type to go on after a failure. */
  readonly again: string
}

export interface ValidateOptions {
  readonly inventory: string
  readonly output: 'text' | 'json'
}

export const commandLine = (argv: readonly string[]): string => ['khactl', ...argv].map(quote).join(' ')

/** `--limit a,b --limit c` is a, b and c; a comma inside brackets stands for itself. */
export const list = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value
    .split(/,(?![^[]*\])/)
    .map((part) => part.trim())
    .filter((part) => part !== ''),
]
