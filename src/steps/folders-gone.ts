// Folders that are khactl's alone, with all that is in them.
import { fileState } from '../facts/file.js'
import type { StepId } from '../model/fact.js'
import { each, map, see } from '../model/look.js'
import { changed, step, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

export interface FoldersGone {
  readonly id: StepId
  readonly title: string
  readonly paths: readonly string[]
  readonly after?: readonly StepId[]
}

export const foldersGone = ({ id, title, paths, after = [] }: FoldersGone): Step =>
  step({
    id,
    title,
    after,
    look: each(paths.map((path) => map(see(fileState(path)), ({ kind }) => ({ path, kind })))),
    diff: (found) =>
      found.flatMap(({ path, kind }) => changed({ path, from: kind === 'absent' ? null : kind, to: null })),
    apply: ({ self }) => self.run(sh`rm -rf --one-file-system -- ${paths}`),
  })
