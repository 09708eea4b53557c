// What the schema found, in words for operators: unknown keys with a guess, wrong types with what to write.
import type * as z from 'zod'
import { suggest } from '../text/suggest.js'
import type { YamlFile, YamlPath } from '../text/yaml.js'
import { mistake, pathText, type Problem } from './problem.js'
import type { Known } from './schema/leaf.js'
import { knownAt } from './schema/walk.js'
import { unknownKey } from './unknown-key.js'

interface Found {
  readonly issue: z.core.$ZodIssue
  readonly value: unknown
  readonly yaml: YamlFile
}

export const issueProblems = (found: Found): readonly Problem[] => {
  const { issue } = found
  const path = issue.path as YamlPath
  if (otherKindOfEndpoint(found, path)) return []
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key))
  if (issue.code === 'custom') return [ownCheck(issue, path)]
  const given = at(found.value, path)
  return [given === undefined ? missing(path, found.yaml) : wrongType(found, { path, given })]
}

/** The keys of another kind of endpoint would all be unknown: its kind alone is worth a message. */
const otherKindOfEndpoint = ({ value }: Found, path: YamlPath): boolean => {
  const inside = path[0] === 'cluster' && path[1] === 'endpoint' && path[2] !== 'kind'
  const kind = at(value, ['cluster', 'endpoint', 'kind'])
  return inside && typeof kind === 'string' && kind !== 'haproxy'
}

const ownCheck = (issue: z.core.$ZodIssueCustom, path: YamlPath): Problem => {
  const {
    code = 'invalid',
    hint = '',
    at = 'value',
  } = (issue.params ?? {}) as { code?: string; hint?: string; at?: 'key' | 'value' }
  return mistake(code, { path, at, message: `${pathText(path)}: ${issue.message}`, hint })
}

const missing = (path: YamlPath, yaml: YamlFile): Problem => {
  const key = String(path.at(-1))
  const { description, example } = knownAt(path)
  const state = yaml.has(path) ? 'has no value' : 'is missing'
  return mistake('missing', {
    path,
    at: 'key',
    message: `${pathText(path)} ${state}${description === undefined ? '' : `: ${lowerFirst(description)}`}`.replace(
      /\.$/,
      '',
    ),
    hint: `Add \`${key}: ${example ?? '…'}\`${path.length > 1 ? ` to ${pathText(path.slice(0, -1))}` : ''}.`,
  })
}

const wrongType = ({ issue, yaml }: Found, { path, given }: { path: YamlPath; given: unknown }): Problem => {
  const known = knownAt(path)
  const written = yaml.source(path)
  if (issue.code === 'invalid_value') return wrongWord(issue, { path, given, known })
  if ('secret' in known && typeof given !== 'object') return plainSecret(path, known)
  const wanted = wantedBy(issue)
  const scalar = typeof given === 'number' || typeof given === 'boolean'
  const quote = wanted === 'text' && scalar
  return mistake(quote ? 'unquoted' : 'type', {
    path,
    message: quote
      ? unquoted({ path, given, written })
      : `${pathText(path)} has to be ${wanted}, not ${typeName(given)}`,
    hint: remedy({ path, given, known, written, quote }),
  })
}

const unquoted = ({ path, given, written }: Pick<Wrong, 'path' | 'given' | 'written'>): string => {
  const read =
    typeof given === 'boolean'
      ? `the truth value ${given}`
      : String(given) === written
        ? 'a number'
        : `the number ${String(given)}`
  return `${pathText(path)}: without quotes, YAML reads ${written ?? 'this'} as ${read}, and this has to be text`
}

interface Wrong {
  readonly path: YamlPath
  readonly given: unknown
  readonly known: Known
  readonly written: string | null
  readonly quote: boolean
}

const remedy = ({ path, given, known, written, quote }: Wrong): string => {
  const key = path.findLast((part) => typeof part === 'string') ?? ''
  if (quote && key === 'version')
    return `Write the full version in quotes: \`version: "${written}.0"\`, with the patch release you want.`
  if (quote) return `Put it in quotes: \`"${written}"\`.`
  if (typeof given === 'string' && /^\d+$/.test(given)) return `Write it without quotes: \`${key}: ${given}\`.`
  return `Write \`${typeof path.at(-1) === 'number' ? '-' : `${key}:`} ${known.example ?? '…'}\`, for example.`
}

const wrongWord = (
  issue: z.core.$ZodIssueInvalidValue,
  { path, given, known }: { path: YamlPath; given: unknown; known: Known },
): Problem => {
  const [shown, words] = [JSON.stringify(given), issue.values.map(String)]
  const reason = typeof given === 'string' ? known.notYet?.[given] : undefined
  const hint = `Write \`${path.at(-1)}: ${words.length === 1 ? words[0] : known.example}\`.`
  if (reason !== undefined)
    return mistake('not-yet', {
      path,
      message: `${pathText(path)}: \`${String(given)}\` is not built yet (${reason})`,
      hint,
    })
  const guess = typeof given === 'string' ? suggest(given, words) : null
  return mistake('word', {
    path,
    message: `${pathText(path)} cannot be ${shown}; ${words.length === 1 ? 'it has to be' : 'it is one of'} ${words.join(', ')}`,
    hint: guess === null ? hint : `Did you mean \`${guess}\`?`,
  })
}

const plainSecret = (path: YamlPath, { asks }: Known): Problem =>
  mistake('plain-secret', {
    path,
    message: `${pathText(path)}: a secret must not stand in the inventory`,
    hint: `Name where it is: { env: NAME }, { file: PATH } (mode 0600) or { command: [PROGRAM, ARG] }${asks === true ? '; or write `ask`' : ''}. Change it if this file was shared.`,
  })

const wantedBy = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type') return typeNames[issue.expected] ?? issue.expected
  if (issue.code === 'invalid_value') return `\`${issue.values.map(String).join(', ')}\``
  if (issue.code !== 'invalid_union') return 'something else'
  return issue.errors.flatMap((branch) => branch.slice(0, 1).map(wantedBy)).join(' or ')
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}
const typeName = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return (
    { string: 'text', number: 'a number', boolean: 'true or false', object: 'a mapping' }[typeof value as string] ??
    typeof value
  )
}

const at = (value: unknown, path: YamlPath): unknown =>
  path.reduce<unknown>(
    (part, key) =>
      typeof part === 'object' && part !== null ? (part as Record<string | number, unknown>)[key] : undefined,
    value,
  )

/** The first sentence, as the end of another one. */
const lowerFirst = (text: string): string =>
  (text.split('. ')[0] ?? text).replace(/^(?!Kubernetes)[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())
