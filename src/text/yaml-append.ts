// A new entry at the end of a list of a YAML file, written as its neighbours are. null: it cannot be done.
import { insertAfter } from './yaml-edit.js'
import { columnOf, commentColumn, lineBreakOf, lineEnd, lineStart, nextLine, splice } from './yaml-lines.js'
import { outlineOf, type List, type Outline } from './yaml-outline.js'
import { yamlScalar } from './yaml.js'

export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain }
export type PlainMapping = { readonly [key: string]: Plain }

export const appendEntry = (
  text: string,
  { list: key, value }: { readonly list: string; readonly value: PlainMapping },
): string | null => {
  const outline = outlineOf(text)
  if (outline === null) return null
  const list = outline.lists.find((one) => one.key === key)
  const style = styleOf(text, { outline, list })
  if (list === undefined) return newList(text, { outline, key, value, style })
  if (list.kind === 'other') return null
  if (list.entries.length === 0) return firstEntry(text, { outline, list, value, style })
  const at = { list: key, index: list.entries.length - 1 }
  const column = columnOf(text, list.entries[at.index]?.from ?? 0)
  const added = list.kind === 'flow' ? flowText(value, style) : dashText(text, { value, style, column })
  return insertAfter(text, { ...at, text: added })
}

interface Style {
  readonly kind: 'block' | 'flow'
  readonly quotes: 'quoted' | 'plain'
  /** Inside braces. */
  readonly padding: ' ' | ''
  /** The dash and the spaces behind it. */
  readonly dash: string
  /** Of the dash. */
  readonly column: number
  /** Whether lists stand in brackets. */
  readonly lists: 'block' | 'flow'
}

/** That of the list's last entry, or of the nearest other list's. */
const styleOf = (
  text: string,
  { outline, list }: { readonly outline: Outline; readonly list: List | undefined },
): Style => {
  const written = outline.lists.filter(({ entries }) => entries.some(({ fields }) => fields.length > 0))
  const near = list !== undefined && written.includes(list) ? list : written.at(-1)
  const entry = near?.entries.findLast(({ fields }) => fields.length > 0)
  if (near === undefined || entry === undefined) return plainStyle(outline)
  const open = text.slice(entry.from, entry.fields[0]?.keyFrom)
  return {
    kind: entry.kind === 'block' ? 'block' : 'flow',
    quotes: entry.fields[0]?.keyQuoted ?? 'plain',
    padding: entry.kind === 'flow' && open.endsWith('{') ? '' : ' ',
    dash: /^- +/.exec(open)?.[0] ?? '- ',
    column: near.kind === 'block' ? columnOf(text, entry.from) : 2,
    lists: outline.root === 'block' && near.kind === 'block' ? 'block' : 'flow',
  }
}

const plainStyle = ({ root }: Outline): Style => ({
  ...{ kind: 'flow', quotes: 'plain', padding: ' ', dash: '- ', column: 2, lists: root },
})

interface Added {
  readonly value: PlainMapping
  readonly style: Style
  readonly outline: Outline
}

const firstEntry = (text: string, { list, value, style }: Added & { readonly list: List }): string => {
  const empty = { from: list.colon, to: list.to, text: '' }
  if (style.lists === 'flow') return splice(text, [{ ...empty, text: ` [${flowText(value, style)}]` }])
  const end = lineEnd(text, list.to)
  const { column, dash } = style
  // A comment below that stands where the new keys would stand is none of theirs.
  const taken = commentColumn(text, nextLine(text, end)) === column + dash.length
  const added = dashText(text, { value, style: taken ? { ...style, kind: 'flow' } : style, column })
  const line = `${lineBreakOf(text)}${' '.repeat(column)}${added}`
  return splice(text, [empty, { from: end, to: end, text: line }])
}

const newList = (text: string, { outline, key, value, style }: Added & { readonly key: string }): string | null => {
  const last = outline.fields.at(-1)
  if (last === undefined) return null
  const name = style.quotes === 'quoted' ? JSON.stringify(key) : key
  if (outline.root === 'flow') {
    const added = `, ${name}: [${flowText(value, style)}]`
    return splice(text, [{ from: last.to, to: last.to, text: added }])
  }
  const lineBreak = lineBreakOf(text)
  const gap = /\n[ \t]*\r?\n([ \t]*#.*\r?\n)*$/.test(text.slice(0, lineStart(text, last.keyFrom))) ? lineBreak : ''
  const body =
    style.lists === 'flow'
      ? ` [${flowText(value, style)}]`
      : `${lineBreak}${' '.repeat(style.column)}${dashText(text, { value, style, column: style.column })}`
  const end = endOfLast(text, last.to)
  return splice(text, [{ from: end, to: end, text: `${lineBreak}${gap}${name}:${body}` }])
}

/** Indented comments below the last list belong to it. */
const endOfLast = (text: string, to: number): number => {
  let end = lineEnd(text, to)
  for (let line = nextLine(text, end); line < text.length; line = nextLine(text, line)) {
    if ((commentColumn(text, line) ?? 0) === 0) break
    end = lineEnd(text, line)
  }
  return end
}

const dashText = (
  text: string,
  { value, style, column }: { readonly value: PlainMapping; readonly style: Style; readonly column: number },
): string => {
  if (style.kind === 'flow') return `${style.dash}${flowText(value, style)}`
  const indent = `${lineBreakOf(text)}${' '.repeat(column + style.dash.length)}`
  return `${style.dash}${pairs(value, style).join(indent)}`
}

const flowText = (value: Plain, style: Style): string => {
  if (Array.isArray(value)) return `[${value.map((item: Plain) => flowText(item, style)).join(', ')}]`
  if (typeof value === 'object') {
    const { padding } = style
    return `{${padding}${pairs(value as PlainMapping, style).join(', ')}${padding}}`
  }
  if (style.quotes === 'quoted') return JSON.stringify(value)
  return typeof value === 'string' ? yamlScalar(value) : String(value)
}

const pairs = (value: PlainMapping, style: Style): readonly string[] =>
  Object.entries(value).map(
    ([key, part]) => `${style.quotes === 'quoted' ? JSON.stringify(key) : yamlScalar(key)}: ${flowText(part, style)}`,
  )
