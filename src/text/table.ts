// Columns of text aligned by display width.
import { displayWidth, padEnd, padStart } from './width.js'

export interface Column {
  readonly align: 'left' | 'right'
}

/** Lines without trailing blanks; cells beyond the columns are left-aligned. Cells hold no escape sequences. */
export const table = (
  rows: readonly (readonly string[])[],
  { columns = [], gap = 2 }: { readonly columns?: readonly Column[]; readonly gap?: number } = {},
): readonly string[] => {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell))
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (columns[index]?.align === 'right' ? padStart : padEnd)(cell, widths[index] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}
