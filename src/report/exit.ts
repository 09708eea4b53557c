// Exit classes, folded from what happened: the worst one wins.
import type { ExitClass } from '../model/error.js'
import type { Event, Verdict } from '../model/event.js'
import type { Plan } from '../model/plan.js'

/** From the worst to none: what a person must know first when a script tells only one number. */
const severity: readonly ExitClass[] = [
  'interrupted',
  'usage',
  'failed',
  'refused',
  'hostKey',
  'auth',
  'locked',
  'preflight',
  'unreachable',
  'changes',
  'ok',
]

export const worst = (classes: readonly ExitClass[]): ExitClass => severity.find((one) => classes.includes(one)) ?? 'ok'

/** 0 in sync; 2 something would change or is unknown; 8 a check failed; 1 something could not be read or broke. */
export const planExit = (plan: Plan): ExitClass => worst(plan.entries.map(({ verdict }) => planClass(verdict)))

const planClass = (verdict: Verdict): ExitClass => {
  switch (verdict.kind) {
    case 'ok':
      return 'ok'
    case 'would-change':
    case 'changed':
    case 'unknown':
      return 'changes'
    case 'problem':
      return 'preflight'
    case 'unreadable':
      return 'failed'
    // Waits for a host that is away.
    case 'skipped':
      return 'unreachable'
    case 'detached':
      return 'interrupted'
    case 'failed':
      return verdict.failure.exit
  }
}

export interface RunExit {
  take(event: Event): void
  /** What the run came to so far. */
  exit(): ExitClass
}

/** What the events of a run say: of two walks the later one, since a step that could not be read may be mended by then. */
export const createRunExit = (): RunExit => {
  const lasting = new Set<ExitClass>()
  let walk = new Set<ExitClass>()
  let blocked = false
  let touched = false
  return {
    take: (event) => {
      if (event.type === 'walk-started') [walk, blocked, touched] = [new Set(), false, false]
      else if (event.type === 'step-applying') touched = true
      else if (event.type === 'step-ended') walk.add(appliedClass(event.verdict))
      else if (event.type === 'failure') lasting.add(event.failure.exit)
      else if (event.type === 'lane-ended' && event.outcome === 'interrupted') lasting.add('interrupted')
      else if (event.type === 'lane-ended' && event.outcome === 'blocked') blocked = true
    },
    exit: () => {
      // A check that fails after something was changed is no preflight: that class promises that nothing was.
      const found = worst([...lasting, ...[...walk].map((one) => (one === 'preflight' && touched ? 'failed' : one))])
      // A blocked lane follows a failure that says more; a host that was not done is never a success (R-I4).
      return found === 'ok' && blocked ? 'failed' : found
    },
  }
}

/** `would-change` and `unknown` are lanes that were only looked at; `skipped` follows a failure that counts itself. */
const appliedClass = (verdict: Verdict): ExitClass => {
  switch (verdict.kind) {
    case 'ok':
    case 'changed':
    case 'would-change':
    case 'unknown':
    case 'skipped':
      return 'ok'
    case 'unreadable':
      return 'failed'
    case 'problem':
      return 'preflight'
    case 'detached':
      return 'interrupted'
    case 'failed':
      return verdict.failure.exit
  }
}
