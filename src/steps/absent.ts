// A file or link that must not be there. Folders are never removed by it.
import { fileState } from '../facts/file.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { changed, step, type Impact, type Step } from '../model/step.js'
import { sh } from '../text/sh.js'

export interface AbsentWanted {
  readonly path: string
  readonly impact?: Impact
  readonly after?: readonly StepId[]
  readonly title?: string
}

/** Id `absent:PATH`. */
export const absent = ({ path, impact = 'none', after = [], title = `Remove ${path}` }: AbsentWanted): Step =>
  step({
    id: `absent:${path}`,
    title,
    after,
    look: see(fileState(path)),
    diff: ({ kind }) => changed({ path, from: kind === 'absent' ? null : kind, to: null, impact }),
    apply: ({ self }) => self.run(sh`rm -f -- ${path}`),
  })
