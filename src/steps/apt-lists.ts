// Fetches the package list of one apt repository, and of no other.
import { aptLists, type AptRepositoryName } from '../facts/apt-lists.js'
import type { StepId } from '../model/fact.js'
import { see } from '../model/look.js'
import { changed, step, type Step } from '../model/step.js'
import { aptUpdateScript } from './package-script.js'
import { transient } from './transient.js'

export interface AptListsWanted extends AptRepositoryName {
  /** As in messages: `kubernetes`. */
  readonly name: string
  /** `/etc/apt/sources.list.d/khactl-kubernetes.sources` */
  readonly sourceFile: string
  readonly after?: readonly StepId[]
}

/** Id `apt-lists:NAME`. */
export const aptListsFetched = ({ name, url, suite, sourceFile, after = [] }: AptListsWanted): Step =>
  step({
    id: `apt-lists:${name}`,
    title: `Fetch the package list of ${name}`,
    after,
    look: see(aptLists({ url, suite })),
    diff: (have) => changed({ path: `apt list ${name}`, from: have === 'fetched' ? have : null, to: 'fetched' }),
    apply: ({ self }) =>
      transient(self, {
        name: `apt-lists-${name}`,
        command: aptUpdateScript(sourceFile),
        summary: `apt-get update (only ${sourceFile})`,
        within: 15 * 60_000,
      }),
  })
