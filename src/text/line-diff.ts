// Unified diff of two texts, line by line. The one importer of the diff library; import this file lazily (20 ms).
import { structuredPatch } from 'diff'

export interface Hunk {
  /** From 1. */
  readonly line: number
  /** Each begins with ` `, `-` or `+`. */
  readonly lines: readonly string[]
}

/** null: the texts differ so much that a diff says nothing more. */
export type LineDiff = (text: { readonly from: string; readonly to: string }) => readonly Hunk[] | null

export const lineDiff: LineDiff = ({ from, to }) => {
  const patch = structuredPatch('', '', from, to, undefined, undefined, { context: 3, timeout: 500 })
  if (patch === undefined) return null
  return patch.hunks.map(({ newStart, lines }) => ({ line: newStart, lines }))
}

/** As `diff -u` prints it, without the two file lines. */
export const unifiedDiff = (hunks: readonly Hunk[]): string =>
  hunks.flatMap(({ line, lines }) => [`@@ line ${line} @@`, ...lines]).join('\n')
