// What the checks look at.
import type { Mention } from './hosts.js'
import type { Draft } from './shape.js'

export interface Subject {
  readonly draft: Draft
  readonly mentions: readonly Mention[]
}
