// Edits of the lists of a YAML file as splices of its text: what is not concerned keeps every byte. null: it cannot be done.
import { columnOf, commentColumn, lineBreakOf, lineEnd, lineStart, nextLine, splice } from './yaml-lines.js'
import { outlineOf, type Entry, type List } from './yaml-outline.js'

export interface EntryAt {
  readonly list: string
  readonly index: number
}

interface Found {
  readonly list: List
  readonly entry: Entry
  readonly index: number
}

const find = (text: string, { list: key, index }: EntryAt): Found | null => {
  const list = outlineOf(text)?.lists.find((one) => one.key === key)
  const entry = list?.entries[index]
  return list === undefined || entry === undefined || entry.kind === 'other' ? null : { list, entry, index }
}

/** `key: value` with a plain word as value: overwritten, or put behind the last key. */
export const setField = (
  text: string,
  { key, value, ...at }: EntryAt & { readonly key: string; readonly value: string },
): string | null => {
  const entry = find(text, at)?.entry
  const last = entry?.fields.at(-1)
  if (entry === undefined || last === undefined) return null
  const quote = last.keyQuoted === 'quoted' ? '"' : ''
  const known = entry.fields.find((field) => field.key === key)
  if (known !== undefined) {
    const by = known.quote || quote
    return splice(text, [{ from: known.keyTo, to: known.to, text: `: ${by}${value}${by}` }])
  }
  const pair = `${quote}${key}${quote}: ${quote}${value}${quote}`
  if (entry.kind === 'flow') return splice(text, [{ from: last.to, to: last.to, text: `, ${pair}` }])
  const indent = ' '.repeat(columnOf(text, last.keyFrom))
  if (last.ends === 'in block text') {
    const line = `${pair}${lineBreakOf(text)}${indent}`
    return splice(text, [{ from: last.keyFrom, to: last.keyFrom, text: line }])
  }
  const end = lineEnd(text, last.to)
  return splice(text, [{ from: end, to: end, text: `${lineBreakOf(text)}${indent}${pair}` }])
}

export type Scalars = Readonly<Record<string, string>>

/** The entry becomes several, each a copy with other scalars; comments above and behind it stay with the first. */
export const multiply = (
  text: string,
  { pieces, ...at }: EntryAt & { readonly pieces: readonly Scalars[] },
): string | null => {
  const found = find(text, at)
  const [first, ...others] = pieces
  if (found === null || first === undefined) return null
  const { from, to } = found.entry
  const copies = others.map((scalars) => splice(text, swaps(found.entry, scalars)).slice(from))
  const grown = copies.reduceRight<string | null>((rest, copy) => {
    const tail = text.length - to
    return rest === null ? null : insertAfter(rest, { ...at, text: copy.slice(0, copy.length - tail) })
  }, text)
  return grown === null ? null : splice(grown, swaps(found.entry, first))
}

const swaps = ({ fields }: Entry, scalars: Scalars) =>
  fields.flatMap(({ key, quote, from, to }) => {
    const value = scalars[key]
    return value === undefined ? [] : [{ from, to, text: `${quote}${value}${quote}` }]
  })

/** `text` is a whole entry, in a block list with its dash. */
export const insertAfter = (
  text: string,
  { text: added, ...at }: EntryAt & { readonly text: string },
): string | null => {
  const list = outlineOf(text)?.lists.find((one) => one.key === at.list)
  const entry = list?.entries[at.index]
  if (list === undefined || entry === undefined) return null
  const lineBreak = lineBreakOf(text)
  if (list.kind === 'block') {
    const end = afterEntry(text, entry)
    return splice(text, [{ from: end, to: end, text: `${lineBreak}${' '.repeat(columnOf(text, entry.from))}${added}` }])
  }
  const { to } = entry
  if (!hasOwnLines(text, { list, entry, index: at.index })) return splice(text, [{ from: to, to, text: `, ${added}` }])
  const end = lineEnd(text, to)
  const line = `${lineBreak}${text.slice(lineStart(text, entry.from), entry.from)}${added}`
  return commaAfter(text, to) === null
    ? splice(text, [
        { from: to, to, text: ',' },
        { from: end, to: end, text: line },
      ])
    : splice(text, [{ from: end, to: end, text: `${line},` }])
}

/** With the comments that belong to the entry alone. The last one leaves `[]`. */
export const removeEntry = (text: string, at: EntryAt): string | null => {
  const list = outlineOf(text)?.lists.find((one) => one.key === at.list)
  const entry = list?.entries[at.index]
  if (list === undefined || entry === undefined) return null
  const found = { list, entry, index: at.index }
  const only = list.entries.length === 1
  if (list.kind === 'block') {
    const lines = withoutLines(text, { from: aboveEntry(text, found), to: afterEntry(text, entry) })
    return splice(text, [...(only ? [{ from: list.colon, to: list.colon, text: ' []' }] : []), lines])
  }
  if (only) return splice(text, [{ from: list.from, to: list.to, text: '[]' }])
  const [before, after] = [list.entries[at.index - 1], list.entries[at.index + 1]]
  if (!hasOwnLines(text, found)) {
    if (after !== undefined) return splice(text, [{ from: entry.from, to: after.from, text: '' }])
    return before === undefined ? null : splice(text, [{ from: before.to, to: entry.to, text: '' }])
  }
  const lines = withoutLines(text, { from: aboveEntry(text, found), to: lineEnd(text, entry.to) })
  const comma = after === undefined && before !== undefined && commaAfter(text, entry.to) === null
  const end = comma ? commaAfter(text, before.to) : null
  return splice(text, [lines, ...(end === null ? [] : [{ from: end - 1, to: end, text: '' }])])
}

const withoutLines = (text: string, { from, to }: { readonly from: number; readonly to: number }) => {
  const end = nextLine(text, to)
  // Without a line break at the end of the text the one in front goes, so that the text still ends without one.
  const start = end === to && from > 0 ? lineEnd(text, from - (text[from - 2] === '\r' ? 2 : 1)) : from
  return { from: start, to: end, text: '' }
}

/** The end of an entry's last line, with comments below it on the level of its keys. */
const afterEntry = (text: string, entry: Entry): number => {
  const column = columnOf(text, entry.fields[0]?.keyFrom ?? 0)
  let end = lineEnd(text, entry.to)
  if (entry.kind !== 'block') return end
  for (let line = nextLine(text, end); line < text.length; line = nextLine(text, line)) {
    if (commentColumn(text, line) !== column) break
    end = lineEnd(text, line)
  }
  return end
}

/** The start of its first line, or of the comment right above it, unless that heads the list's other entries too. */
const aboveEntry = (text: string, { list, entry, index }: Found): number => {
  const own = lineStart(text, entry.from)
  const next = list.entries[index + 1]
  const heading =
    index === 0 && next !== undefined && lineStart(text, next.from) === nextLine(text, afterEntry(text, entry))
  if (heading) return own
  let start = own
  while (start > 0 && commentColumn(text, start - 1) === columnOf(text, entry.from)) start = lineStart(text, start - 1)
  return start
}

/** In a list in brackets: whether nothing but a comma and a comment shares its lines. */
const hasOwnLines = (text: string, { list, entry }: Found): boolean => {
  const start = lineStart(text, entry.from)
  const rest = text.slice(entry.to, lineEnd(text, entry.to))
  return start > list.from && text.slice(start, entry.from).trim() === '' && /^[ \t]*,?[ \t]*(#.*)?$/.test(rest)
}

/** Behind the comma that follows; null: none does. */
const commaAfter = (text: string, at: number): number | null => {
  const found = /^[ \t]*,/.exec(text.slice(at, lineEnd(text, at)))
  return found === null ? null : at + found[0].length
}
