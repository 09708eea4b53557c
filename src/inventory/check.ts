// All checks that look at more than one value, or at files on this machine. They work on the draft, so one mistake hides no other.
import type { Mention } from './hosts.js'
import type { Problem } from './problem.js'
import type { Draft } from './shape.js'
import type { Surroundings } from './surroundings.js'

export interface Subject {
  readonly draft: Draft
  readonly mentions: readonly Mention[]
}

export const checkAll = async (_surroundings: Surroundings, _subject: Subject): Promise<readonly Problem[]> => []
