// YAML text → value with the place of every part, and value → text for Kubernetes. Beside yaml-parsing.ts and yaml-outline.ts, the one importer of the library.
import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, parseAllDocuments, stringify, visit } from 'yaml'
import type { Alias, Document, Node, Pair, YAMLParseError } from 'yaml'
import { toTheEnd } from '../model/pieces.js'
import { parsing } from './yaml-parsing.js'
import { explain, type YamlMistakeCode } from './yaml-words.js'

export type YamlPath = readonly (string | number)[]
/** Offsets in the text, `to` exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}
interface YamlMistake extends Span {
  readonly code: YamlMistakeCode
  readonly message: string
  readonly hint: string
}
export interface YamlFile {
  /** undefined when the text is not one readable document. */
  readonly value: unknown
  readonly mistakes: readonly YamlMistake[]
  /** Where a part stands; for a part that is missing, its nearest parent. */
  span(path: YamlPath, at: 'key' | 'value'): Span
  /** Whether the key or item is there, with a value or without. */
  has(path: YamlPath): boolean
  /** A scalar as it was written (`1.30`, not 1.3); null: no scalar stands there. */
  source(path: YamlPath): string | null
  /** The text with the scalars under keys of these names blotted out, at the same length, for showing. */
  blot(keys: ReadonlySet<string>): string
}

/** Values that a document may grow to through its aliases. */
const expansionLimit = 100_000

export const readYaml = (text: string): YamlFile => toTheEnd(readingYaml(text))

/** The same piece by piece, for who has other things to do in between. */
export function* readingYaml(text: string): Generator<undefined, YamlFile> {
  const doc = yield* parsing(text)
  if ('tooDeep' in doc) return unreadable(text)
  yield
  const mistakes = [...syntaxMistakes(doc), ...aliasMistakes(doc)]
  const readable = mistakes.every((mistake) => mistake.code === 'duplicate-key')
  yield
  return {
    value: readable ? (doc.toJS({ maxAliasCount: -1 }) as unknown) : undefined,
    mistakes,
    span: (path, at) => spanOf(doc, { path, at }),
    has: (path) => walk(doc, path).depth === path.length,
    source: (path) => sourceOf(walk(doc, path)),
    blot: (keys) => blot(doc, { text, keys }),
  }
}

/** Why a text is not YAML that kubectl could read; null: it is. Holds for several documents in one file. */
export const yamlFault = (text: string): string | null => {
  const docs = parseAllDocuments(text, { prettyErrors: false })
  if (!Array.isArray(docs) || docs.every((doc) => doc.contents === null)) return 'it is empty'
  const error = docs.flatMap((doc) => doc.errors)[0]
  if (error === undefined) return null
  return `line ${text.slice(0, error.pos[0]).split('\n').length}: ${error.message}`
}

/** Values as the Go YAML readers of Kubernetes take them: YAML 1.1 rules, so `yes`, `on` and `12:30` are quoted. */
export const kubernetesYaml = (value: unknown): string => stringify(value, { version: '1.1', lineWidth: 0 })

/** One scalar, quoted where YAML needs it, also inside braces. */
export const yamlScalar = (value: string): string => {
  const written = stringify(value, { lineWidth: 0 }).trimEnd()
  return written === value && /[[\]{},]|\n/.test(value) ? JSON.stringify(value) : written
}

const unreadable = (text: string): YamlFile => ({
  value: undefined,
  mistakes: [
    {
      code: 'syntax',
      message: 'The text is nested too deep to be read',
      hint: 'Take the nesting out.',
      from: 0,
      to: 1,
    },
  ],
  span: () => ({ from: 0, to: 1 }),
  has: () => false,
  source: () => null,
  blot: () => text,
})

/** One mistake a line: what follows the first on a line is usually its echo. */
const syntaxMistakes = (doc: Document.Parsed): readonly YamlMistake[] => {
  const tags = doc.warnings.map((warning) => ({
    code: 'tag' as const,
    message: `${warning.message.replace('Unresolved tag: ', 'The tag `')}\` means nothing here`,
    hint: 'Remove it. Secrets are given by reference: { env: NAME }, { file: PATH } or { command: [PROGRAM, ARG] }.',
    from: warning.pos[0],
    to: warning.pos[1],
  }))
  const errors = doc.errors.map((error) => {
    const [from, to] = opening(doc, error) ?? [error.pos[0], wordEnd(doc, error.pos)]
    return { ...explain(error), from, to }
  })
  return [...errors.slice(0, 1), ...errors.slice(1).filter((error) => error.code !== 'syntax'), ...tags]
}

/** A quote or bracket that is not closed is reported where the text ends; the opening one is what helps. */
const opening = (doc: Document.Parsed, { code, message, pos }: YAMLParseError): readonly [number, number] | null => {
  if (code !== 'MISSING_CHAR' && !message.startsWith('Flow')) return null
  let found: readonly [number, number] | null = null
  visit(doc, {
    Node: (_, node) => {
      const open = isScalar(node) ? node.type?.startsWith('QUOTE') : isCollection(node) && node.flow === true
      if (open === true && node.range?.[1] === pos[0]) found = [node.range[0], node.range[0] + 1]
    },
  })
  return found
}

/** For a key that stands twice the library gives its first character only. */
const wordEnd = (doc: Document.Parsed, [from, to]: readonly [number, number]): number => {
  let end = Math.max(to, from + 1)
  visit(doc, { Scalar: (_, { range }) => void (range?.[0] === from && (end = Math.max(end, range[1]))) })
  return end
}

const aliasMistakes = (doc: Document.Parsed): readonly YamlMistake[] => {
  const sizes = new Map<Node, number>()
  const found: YamlMistake[] = []
  const at = (alias: Alias, message: string, hint: string) => {
    const [from, , to] = alias.range ?? [0, 1, 1]
    if (found.length === 0) found.push({ code: 'alias', message, hint, from, to })
    return 0
  }
  const aliasSize = (alias: Alias): number => {
    const target = alias.resolve(doc)
    if (target === undefined)
      return at(alias, `No anchor \`&${alias.source}\` stands above`, 'Name an anchor of this file.')
    if (sizes.get(target) === -1) return at(alias, `\`*${alias.source}\` contains itself`, 'Write the value out.')
    const size = sizeOf(target)
    if (size < expansionLimit) return size
    const hint = 'Write the values out; what all hosts share belongs into the `ssh:` and `cluster:` parts.'
    return at(alias, `\`*${alias.source}\` grows to more than ${expansionLimit} values`, hint)
  }
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return aliasSize(node)
    if (!isMap(node) && !isSeq(node)) return 1
    const known = sizes.get(node)
    if (known !== undefined) return known
    sizes.set(node, -1)
    const size = node.items.reduce<number>(
      (sum, item) =>
        sum + (isNode(item) ? sizeOf(item) : 1 + sizeOf((item as Pair).key) + sizeOf((item as Pair).value)),
      1,
    )
    sizes.set(node, size)
    return size
  }
  let aliases = 0
  visit(doc, { Alias: () => void (aliases += 1) })
  if (aliases > 0) sizeOf(doc.contents)
  return found
}

type Found = { readonly pair: Pair | null; readonly node: unknown; readonly depth: number }

/** Follows a path as far as it goes, through aliases. */
const walk = (doc: Document.Parsed, path: YamlPath): Found => {
  let found: Found = { pair: null, node: doc.contents, depth: 0 }
  for (const part of path) {
    const parent = isAlias(found.node) ? found.node.resolve(doc) : found.node
    if (isMap(parent)) {
      const pairs = parent.items.filter(
        (pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === String(part),
      )
      const pair = pairs.at(-1)
      if (pair === undefined) break
      found = { pair, node: pair.value, depth: found.depth + 1 }
    } else if (isSeq(parent) && typeof part === 'number' && part < parent.items.length) {
      found = { pair: null, node: parent.items[part], depth: found.depth + 1 }
    } else break
  }
  return found
}

const spanOf = (doc: Document.Parsed, { path, at }: { path: YamlPath; at: 'key' | 'value' }): Span => {
  const { pair, node, depth } = walk(doc, path)
  const byKey = pair !== null && (at === 'key' || depth < path.length || !isLeaf(node))
  return rangeOf(byKey ? pair.key : node) ?? rangeOf(pair?.key) ?? { from: 0, to: 1 }
}

const isLeaf = (node: unknown): boolean =>
  isAlias(node) || (isScalar(node) && node.value !== null) || ((isMap(node) || isSeq(node)) && node.flow === true)

const rangeOf = (node: unknown): Span | null => {
  if (!isNode(node) || !node.range) return null
  if (isMap(node) && node.flow !== true)
    return rangeOf(node.items[0]?.key) ?? { from: node.range[0], to: node.range[1] }
  return { from: node.range[0], to: Math.max(node.range[1], node.range[0] + 1) }
}

const sourceOf = ({ node }: Found): string | null => {
  if (!isScalar(node)) return null
  return node.source ?? (typeof node.value === 'string' ? node.value : null)
}

const blot = (doc: Document.Parsed, { text, keys }: { text: string; keys: ReadonlySet<string> }): string => {
  let shown = text
  visit(doc, {
    Pair: (_, pair) => {
      const { key, value } = pair
      if (!isScalar(key) || !keys.has(String(key.value)) || !isScalar(value) || !value.range) return
      const [from, to] = value.range
      shown = shown.slice(0, from) + shown.slice(from, to).replace(/[^\n]/g, '*') + shown.slice(to)
    },
  })
  return shown
}

/** Values of every document of a text that yamlFault finds whole; empty documents are left out. */
export const yamlDocuments = (text: string): readonly unknown[] => {
  const docs = parseAllDocuments(text, { prettyErrors: false, version: '1.1' })
  return Array.isArray(docs) ? docs.flatMap((doc) => (doc.contents === null ? [] : [doc.toJS() as unknown])) : []
}
