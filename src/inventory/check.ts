// All checks that look at more than one value, or at files on this machine. They work on the draft, so no mistake hides another.
import { countProblems } from './checks/counts.js'
import { endpointProblems } from './checks/endpoint.js'
import { fileProblems } from './checks/files.js'
import { identityProblems } from './checks/identity.js'
import { choiceProblems } from './checks/choices.js'
import { labelProblems } from './checks/labels.js'
import { mergeProblems } from './checks/merges.js'
import { sshProblems } from './checks/ssh.js'
import { subnetProblems } from './checks/subnets.js'
import { nextTurn } from '../model/pieces.js'
import type { Problem } from './problem.js'
import { secretReferences } from './references.js'
import { referenceProblems } from './secrets.js'
import type { Subject } from './subject.js'
import type { Surroundings } from './surroundings.js'

export const checkAll = async (surroundings: Surroundings, subject: Subject): Promise<readonly Problem[]> => {
  const pure = [
    countProblems,
    identityProblems,
    mergeProblems,
    endpointProblems,
    subnetProblems,
    choiceProblems,
    labelProblems,
  ]
  const local = await Promise.all([
    sshProblems(surroundings, subject),
    fileProblems(surroundings, subject.draft),
    ...secretReferences(subject.draft).map((reference) => referenceProblems(surroundings, reference)),
  ])
  const found: Problem[] = []
  for (const check of pure) {
    await nextTurn()
    found.push(...check(subject))
  }
  return [...found, ...local.flat()]
}
