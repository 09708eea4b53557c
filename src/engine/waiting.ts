// Why a step waits: what its look still finds and what holds that up, told as it changes and kept for the failure (R-U2).
import type { Seen } from '../model/fact.js'
import type { Ms } from '../model/session.js'
import type { Cause, Intent, Problem } from '../model/step.js'

export interface WaitingOptions {
  /** Looks at what holds the step up; null: nothing can say. */
  readonly ask: (() => Promise<Seen<readonly Cause[]>>) | null
  readonly now: () => Ms
  /** Called when the reason is another than before. */
  readonly tell: (why: string) => void
}

interface Held {
  readonly causes: readonly Cause[]
  /** It will not end by itself. */
  readonly isFinal: boolean
}

/** What shows by itself within this time costs no question; after it, and between two answers, so much lies between them. */
const questionEvery = 5000
/** Of what dies at each start: restarts within one wait after which it is not waited for. */
const finalRestarts = 3

/**
 * Called after each look in vain. The question is never waited for: a host that does not answer it holds nothing up, and
 * an answer counts from the next look in vain on. One that cannot be read says nothing.
 */
export const createWaiting = ({ ask, now, tell }: WaitingOptions): ((text: string) => Held) => {
  const firstRestarts = new Map<string, number>()
  let due = now() + questionEvery
  let isAsking = false
  let told = ''
  let held: Held = { causes: [], isFinal: false }

  const diesForGood = ({ dies }: Cause): boolean => {
    if (!dies || dies.restarts === 'given up') return dies !== undefined
    const first = Math.min(firstRestarts.get(dies.what) ?? dies.restarts, dies.restarts)
    firstRestarts.set(dies.what, first)
    return dies.restarts - first >= finalRestarts
  }
  const question = async (from: () => Promise<Seen<readonly Cause[]>>): Promise<void> => {
    isAsking = true
    const seen = await from().catch(() => null)
    const causes = seen?.status === 'known' ? seen.state : []
    held = { causes, isFinal: causes.filter(diesForGood).length > 0 }
    due = now() + questionEvery
    isAsking = false
  }

  return (text) => {
    const why = [...held.causes.map((cause) => cause.text), text].join('; ')
    if (why !== told) tell(why)
    told = why
    if (ask && !isAsking && now() >= due) void question(ask)
    return held
  }
}

/** What dies is what everything else follows from; another cause may be an old story, and comes behind what was found. */
const besideCauses = <T>(found: readonly T[], causes: readonly { readonly cause: Cause; readonly as: T }[]) => [
  ...causes.filter(({ cause }) => cause.dies).map(({ as }) => as),
  ...found,
  ...causes.filter(({ cause }) => !cause.dies).map(({ as }) => as),
]

export const sayWithCauses = (found: string, causes: readonly Cause[]): string =>
  besideCauses(
    [found],
    causes.map((cause) => ({ cause, as: cause.text })),
  ).join('; ')

/** What a check says at its deadline. */
export const withCauses = (seen: Seen<Intent>, causes: readonly Cause[]): Seen<Intent> => {
  if (seen.status === 'unreadable') return { ...seen, why: sayWithCauses(seen.why, causes) }
  if (seen.status !== 'known') return seen
  const problems = besideCauses(
    seen.state.problems,
    causes.map((cause) => ({ cause, as: { level: 'failure', message: cause.text } satisfies Problem })),
  )
  return { ...seen, state: { ...seen.state, problems } }
}
