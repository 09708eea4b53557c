// Edits a file that belongs to somebody else in place: only the lines that matter, mode and owner as they are.
import { createHash } from 'node:crypto'
import { textOf } from '../facts/text.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { step, type Change, type Impact, type Step, type Writer } from '../model/step.js'
import { put } from './put.js'

export interface EditWanted {
  readonly id: StepId
  readonly title: string
  readonly path: string
  /** Pure and idempotent. null: the file is not there; given back: leave it so. */
  readonly edit: (text: string | null) => string | null
  /** What the file then holds, in few words: `swap lines commented out`. */
  readonly to: string
  readonly impact?: Impact
  readonly after?: readonly StepId[]
}

/** A `path` change with both whole texts. */
export const edit = (wanted: EditWanted): Step =>
  step<string | null>({
    id: wanted.id,
    title: wanted.title,
    after: wanted.after ?? [],
    look: see(textOf(wanted.path)),
    diff: (text) => editChange(wanted, text),
    apply: ({ self }, text) => applyEdit(self, { path: wanted.path, before: text, after: wanted.edit(text) }),
  })

export const editChange = (
  wanted: Pick<EditWanted, 'path' | 'edit' | 'to' | 'impact'>,
  text: string | null,
): readonly Change[] => {
  const edited = wanted.edit(text)
  if (edited === null || edited === text) return []
  return [
    {
      path: wanted.path,
      from: text === null ? null : 'other lines',
      to: wanted.to,
      text: { from: text ?? '', to: edited },
      impact: wanted.impact ?? 'none',
    },
  ]
}

/** Refuses when the file is no longer what was looked at. */
export const applyEdit = async (
  at: Writer,
  { path, before, after }: { readonly path: string; readonly before: string | null; readonly after: string | null },
): Promise<void> => {
  if (after === null || after === before) return
  const replaces = before === null ? null : createHash('sha256').update(before).digest('hex')
  await put(at, { path, bytes: Buffer.from(after), mode: null, owner: null, replaces })
}
