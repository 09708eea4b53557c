// A few lines of a text file with the wrong part underlined, in plain characters.
import type { Span } from './yaml.js'

export interface TextPlace {
  /** From 1. */
  readonly line: number
  readonly column: number
}

export const placeAt = (text: string, offset: number): TextPlace => {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

/** Columns of the file that are shown, around the mistake. */
const width = 120

/** The line with the mistake, one line before and one after it. */
export const codeFrame = (text: string, span: Span): string => {
  const lines = text.split(/\r?\n/)
  const { line, column } = placeAt(text, span.from)
  const end = column + Math.min(span.to - span.from, 20)
  const cut = end <= width ? 0 : column - Math.floor(width * 0.7)
  const digits = String(line + 1).length
  const numbered = (number: number) => {
    const mark = number === line ? '>' : ' '
    const shown = (lines[number - 1] ?? '').replaceAll('\t', '→').slice(cut, cut + width)
    return `${mark} ${String(number).padStart(digits)} | ${shown}`.trimEnd()
  }
  const left = (lines[line - 1] ?? '').length - column + 1
  const length = Math.max(1, Math.min(span.to - span.from, left, width - (column - 1 - cut)))
  const carets = `  ${' '.repeat(digits)} | ${' '.repeat(column - 1 - cut)}${'^'.repeat(length)}`
  const last = lines.at(-1) === '' ? lines.length - 1 : lines.length
  return [
    ...(line > 1 ? [numbered(line - 1)] : []),
    numbered(line),
    carets,
    ...(line < last ? [numbered(line + 1)] : []),
  ].join('\n')
}
