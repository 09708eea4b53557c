// The literal arguments of a task in a playbook → what the task is given, or every mistake in them. Pure.
import type { ArgumentKind, Arguments } from '../model/arguments.js'
import { suggest } from '../text/suggest.js'
import type { YamlFile, YamlPath } from '../text/yaml.js'

export interface ArgumentMistake {
  readonly path: YamlPath
  readonly message: string
}

export interface Given {
  /** Of the task. */
  readonly name: string
  readonly args: unknown
  /** Where the arguments stand. */
  readonly path: YamlPath
  readonly yaml: Pick<YamlFile, 'source'>
}

type Checked =
  | { readonly args: unknown; readonly mistakes: readonly [] }
  | { readonly args: null; readonly mistakes: readonly ArgumentMistake[] }

export const checkArguments = (takes: Arguments | undefined, given: Given): Checked => {
  const { name, args, path, yaml } = given
  const wrong = (...mistakes: readonly ArgumentMistake[]): Checked => ({ args: null, mistakes })
  if (takes === undefined)
    return args === null ? { args, mistakes: [] } : wrong({ path, message: `${name} takes no arguments` })
  if (args === null && Object.keys(takes.required).length === 0 && !takes.either) return { args, mistakes: [] }
  if (typeof args !== 'object' || args === null || Array.isArray(args))
    return wrong({ path, message: `${name} takes arguments: { ${wordsOf(takes).join(', ')} }` })
  const kinds: Readonly<Record<string, ArgumentKind>> = { ...takes.required, ...takes.optional }
  const found = Object.entries(args as Readonly<Record<string, unknown>>).map(([key, value]) => {
    const at = [...path, key]
    const kind = kinds[key]
    if (kind === undefined) return { key, value, mistake: unknownKey(name, { key, at, takes }) }
    const read = readers(kind)(value, yaml.source(at))
    return 'fault' in read
      ? { key, value, mistake: { path: at, message: `${name}: \`${key}\` ${read.fault}` } }
      : { key, value: read.value, mistake: null }
  })
  const mistakes = [
    ...found.flatMap(({ mistake }) => mistake ?? []),
    ...missing(takes, Object.keys(args)).map((message) => ({ path, message: `${name}: ${message}` })),
  ]
  if (mistakes.length > 0) return wrong(...mistakes)
  return { args: Object.fromEntries(found.map(({ key, value }) => [key, value])), mistakes: [] }
}

const unknownKey = (
  name: string,
  { key, at, takes }: { readonly key: string; readonly at: YamlPath; readonly takes: Arguments },
): ArgumentMistake => {
  const words = wordsOf(takes)
  const near = suggest(key, words)
  const hint = near === null ? `it takes ${words.join(', ')}` : `did you mean ${near}?`
  return { path: at, message: `${name} takes no \`${key}\`; ${hint}` }
}

const wordsOf = ({ required, optional }: Arguments): readonly string[] => [
  ...Object.keys(required),
  ...Object.keys(optional),
]

const missing = ({ required, either = [] }: Arguments, given: readonly string[]): readonly string[] => [
  ...Object.keys(required)
    .filter((key) => !given.includes(key))
    .map((key) => `\`${key}\` is missing`),
  ...either.flatMap((group) => {
    const count = group.filter((key) => given.includes(key)).length
    const words = group.map((key) => `\`${key}\``).join(' or ')
    return count === 1 ? [] : [count === 0 ? `${words} is missing` : `either ${words}, not both`]
  }),
]

type Read = { readonly value: unknown } | { readonly fault: string }
/** `source`: the scalar as it was written, since 0644 is another number to YAML than to people. */
type Reader = (value: unknown, source: string | null) => Read

const readers = (kind: ArgumentKind): Reader => (typeof kind === 'string' ? plain[kind] : oneOf(kind.oneOf))

const oneOf =
  (words: readonly string[]): Reader =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? { value } : { fault: `is one of ${words.join(', ')}` }

const text: Reader = (value) =>
  typeof value === 'string' && !value.includes('\0') ? { value } : { fault: 'is a text (put it in quotes)' }

const plain: Readonly<Record<Extract<ArgumentKind, string>, Reader>> = {
  text,
  file: (value) => (typeof value === 'string' && value !== '' ? { value } : { fault: 'is a file on this machine' }),
  value: (value, source) =>
    ['string', 'number', 'boolean'].includes(typeof value) && source !== null && source !== ''
      ? { value: typeof value === 'string' ? value : source }
      : { fault: 'is one value' },
  words: (value) => {
    const words: readonly unknown[] = Array.isArray(value) ? value : [value]
    const good = words.length > 0 && words.every((word) => typeof word === 'string' && /^[\w.+:~=-]+$/.test(word))
    return good ? { value: words } : { fault: 'is a list of names' }
  },
  path: (value) =>
    typeof value === 'string' && /^(\/[^/\0\n]+)+$/.test(value) && !/\/\.\.?(\/|$)/.test(value)
      ? { value }
      : { fault: 'is an absolute path' },
  mode: (_, source) =>
    source !== null && /^0?[0-7]{3,4}$/.test(source)
      ? { value: Number.parseInt(source, 8) }
      : { fault: "is permission bits: '0644'" },
  seconds: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 86_400
      ? { value }
      : { fault: 'is a number of seconds' },
}
