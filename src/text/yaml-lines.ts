// Lines and splices of a text, counted in offsets, whatever its line breaks are.

export interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The splices must not overlap; at one place, what only inserts comes before what also takes away. */
export const splice = (text: string, splices: readonly Splice[]): string =>
  splices
    .toSorted((a, b) => a.from - b.from)
    .reduceRight((rest, { from, to, text: by }) => rest.slice(0, from) + by + rest.slice(to), text)

export const lineBreakOf = (text: string): '\n' | '\r\n' => (/\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n')

export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

/** In front of the line break, or the end of the text. */
export const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  if (end === -1) return text.length
  return end > at && text[end - 1] === '\r' ? end - 1 : end
}

/** Behind the line break, or the end of the text. */
export const nextLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

export const columnOf = (text: string, at: number): number => at - lineStart(text, at)

/** The column of the comment that has this line for itself; null: another line. */
export const commentColumn = (text: string, at: number): number | null => {
  const line = text.slice(lineStart(text, at), lineEnd(text, at))
  return /^[ \t]*#/.test(line) ? line.indexOf('#') : null
}
