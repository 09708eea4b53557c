// Lines that khactl commented out in other people's sysctl files count again.
import { markedFiles } from '../facts/marked-files.js'
import { textOf } from '../facts/text.js'
import type { StepId } from '../model/fact.js'
import { chain, each, map, see } from '../model/look.js'
import { step, type Step } from '../model/step.js'
import { applyEdit, editChange } from './edit.js'

interface Marked {
  readonly path: string
  readonly text: string | null
}

export interface MarksGone {
  readonly id: StepId
  /** Pure: without the marks. */
  readonly edit: (text: string) => string
}

export const marksGone = ({ id, edit }: MarksGone): Step =>
  step<readonly Marked[]>({
    id,
    title: 'Let the kernel settings of other files count again',
    look: chain(see(markedFiles()), (paths) =>
      each(paths.map((path) => map(see(textOf(path)), (text) => ({ path, text })))),
    ),
    diff: (files) =>
      files.flatMap(({ path, text }) =>
        editChange({ path, edit: (now) => (now === null ? null : edit(now)), to: 'its own lines' }, text),
      ),
    apply: async ({ self }, files) => {
      for (const { path, text } of files)
        if (text !== null) await applyEdit(self, { path, before: text, after: edit(text) })
    },
  })
