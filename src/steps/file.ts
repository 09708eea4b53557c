// A whole file of ours: content, mode and owner, put in place by rename so that nobody ever reads half of it.
import type { Secret } from '../model/command.js'
import type { StepId } from '../model/fact.js'
import type { Impact, Step } from '../model/step.js'

/** Text, or text with secrets in it; the latter is compared by hash and never shown or fetched. */
export type Content = string | readonly (string | Secret)[]

export interface FileWanted {
  readonly path: string
  readonly content: Content
  /** Permission bits: `0o644`. */
  readonly mode: number
  /** `user:group`; default `root:root`. */
  readonly owner?: string
  /** `differs` instead of a diff. Content with a Secret in it is secret anyway. */
  readonly secret?: 'secret'
  readonly impact?: Impact
  readonly after?: readonly StepId[]
  readonly title?: string
}

/** Id `file:PATH`. The folder must exist: list a `directory` step before it. */
export const file = (wanted: FileWanted): Step => {
  throw new Error(`not built yet: ${wanted.path}`)
}
