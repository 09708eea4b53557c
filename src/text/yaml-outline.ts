// Where the lists of a YAML file stand in its text, down to the keys of their entries: the places at which an edit splices.
import { isCollection, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { CST, Node, Pair, YAMLMap, YAMLSeq } from 'yaml'

/** Offsets in the text; `to` is the end of the value, comments and line breaks excluded. */
export interface Field {
  readonly key: string
  readonly keyFrom: number
  readonly keyTo: number
  readonly from: number
  readonly to: number
  readonly keyQuoted: 'quoted' | 'plain'
  readonly quote: '"' | "'" | ''
  /** Whether the value ends in the text of a `|` or `>`, after which nothing can be inserted on the same level. */
  readonly ends: 'in block text' | 'plainly'
}
export interface Entry {
  /** `other`: an alias, a scalar, nothing. */
  readonly kind: 'block' | 'flow' | 'other'
  /** Of the dash in a block list, of the value in a list in brackets. */
  readonly from: number
  readonly to: number
  readonly fields: readonly Field[]
}
export interface List {
  /** `null`: the key is there and has no value; `other`: an alias or something else that is no list. */
  readonly kind: 'block' | 'flow' | 'null' | 'other'
  readonly key: string
  /** After the colon of the list's key. */
  readonly colon: number
  readonly from: number
  readonly to: number
  readonly entries: readonly Entry[]
}
export interface Outline {
  readonly root: 'block' | 'flow'
  readonly fields: readonly Field[]
  readonly lists: readonly List[]
}

/** null: the text is not one mapping that can be read without errors. */
export const outlineOf = (text: string): Outline | null => {
  const doc = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, logLevel: 'error' })
  const root = doc.contents as unknown
  if (doc.errors.length > 0 || !isMap(root)) return null
  return {
    root: root.flow === true ? 'flow' : 'block',
    fields: fieldsOf(text, root),
    lists: root.items.map((pair) => listOf(text, pair)),
  }
}

const listOf = (text: string, pair: Pair): List => {
  const { value } = pair
  const [from = 0] = rangeOf(value) ?? []
  const [, keyTo = 0] = rangeOf(pair.key) ?? []
  const separator = pair.srcToken?.sep ?? []
  const colon = separator.find(({ type }) => type === 'map-value-ind')
  const common = {
    key: keyOf(pair),
    colon: colon === undefined ? keyTo : colon.offset + 1,
    from,
    to: endOf(text, value ?? pair.key),
  }
  if (isSeq(value)) {
    return { ...common, kind: value.flow === true ? 'flow' : 'block', entries: entriesOf(text, value) }
  }
  return { ...common, kind: isScalar(value) && value.value === null ? 'null' : 'other', entries: [] }
}

const entriesOf = (text: string, list: YAMLSeq): readonly Entry[] => {
  const token = list.srcToken as CST.BlockSequence | CST.FlowCollection | undefined
  return list.items.map((item, index) => {
    const dash =
      list.flow === true ? undefined : token?.items[index]?.start?.find(({ type }) => type === 'seq-item-ind')
    const from = dash?.offset ?? rangeOf(item)?.[0] ?? 0
    const to = endOf(text, item)
    if (!isMap(item)) return { kind: 'other', from, to, fields: [] }
    return { kind: item.flow === true ? 'flow' : 'block', from, to, fields: fieldsOf(text, item) }
  })
}

const fieldsOf = (text: string, map: YAMLMap): readonly Field[] =>
  map.items.map((pair) => {
    const [keyFrom = 0, keyTo = 0] = rangeOf(pair.key) ?? []
    const type = isScalar(pair.value) ? pair.value.type : undefined
    return {
      key: keyOf(pair),
      ...{ keyFrom, keyTo },
      from: rangeOf(pair.value)?.[0] ?? keyTo,
      to: endOf(text, pair.value ?? pair.key),
      keyQuoted: isScalar(pair.key) && pair.key.type?.startsWith('QUOTE') === true ? 'quoted' : 'plain',
      quote: type === 'QUOTE_DOUBLE' ? '"' : type === 'QUOTE_SINGLE' ? "'" : '',
      ends: isBlockText(lastLeaf(pair)) ? 'in block text' : 'plainly',
    }
  })

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key)

const rangeOf = (node: unknown) => (node as Node | null)?.range ?? null

const isBlockText = (node: unknown): boolean => isScalar(node) && node.type?.startsWith('BLOCK') === true

/** A block collection's own range goes on through the comments that follow it. */
const lastLeaf = (node: unknown): unknown => {
  if (isCollection(node) && node.flow !== true && node.items.length > 0) return lastLeaf(node.items.at(-1))
  const pair = node as Partial<Pair> | null
  if (pair !== null && typeof pair === 'object' && 'key' in pair && 'value' in pair) {
    return lastLeaf(pair.value ?? pair.key)
  }
  return node
}

const endOf = (text: string, node: unknown): number => {
  const leaf = lastLeaf(node)
  let to = rangeOf(leaf)?.[1] ?? 0
  if (isBlockText(leaf)) while (text[to - 1] === '\n' || text[to - 1] === '\r') to -= 1
  return to
}
