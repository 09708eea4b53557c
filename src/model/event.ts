// Everything a person sees is a fold over these events: terminal, plan, JSON, log, report, exit code.
import type { StepId } from './fact.js'
import type { HostName, HostState } from './host.js'
import type { StageId } from './graph.js'
import type { Change, Problem } from './step.js'
import type { ExitClass } from './error.js'
import type { Ms } from './session.js'

export type Mode = 'plan' | 'apply'

/** Where and why something failed, ready to be shown: secrets are already masked. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly exit: ExitClass
  readonly hint?: string
  readonly command?: string
  readonly status?: number | null
  readonly tail?: readonly string[]
  /** What later attempts said; `message` is the first one's, which they often hide (R-U2). */
  readonly attempts?: readonly string[]
  /** What was behind it, the first cause first. */
  readonly causes?: readonly string[]
}

export type Verdict =
  | { readonly kind: 'ok'; readonly problems: readonly Problem[] }
  | { readonly kind: 'would-change'; readonly changes: readonly Change[] }
  | { readonly kind: 'changed'; readonly changes: readonly Change[] }
  | { readonly kind: 'unknown'; readonly until: StepId }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** A check found at least one failure. */
  | { readonly kind: 'problem'; readonly problems: readonly Problem[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Its command goes on on the host, or its effect is still to show, and the operator stopped the run: nobody waits for it. */
  | { readonly kind: 'detached'; readonly why: string }
  /** Not run: an earlier failure, an interrupt. */
  | { readonly kind: 'skipped'; readonly why: string }

export interface StepPlace {
  readonly host: HostName
  readonly stage: StageId
  readonly step: StepId
  readonly title: string
}

export type Event =
  | {
      readonly type: 'run-started'
      readonly command: string
      readonly inventory: string
      readonly cluster: string
      /** Every host of the run, where it is known by then. */
      readonly hosts?: readonly HostName[]
    }
  | { readonly type: 'connecting'; readonly host: HostName; readonly address: string }
  | { readonly type: 'connected'; readonly host: HostName; readonly tookMs: Ms }
  /** The operator is asked for a secret, on the terminal: nothing else may write there until `asked`. */
  | { readonly type: 'asking'; readonly question: string }
  | { readonly type: 'asked' }
  | { readonly type: 'host-state'; readonly host: HostName; readonly state: HostState }
  | { readonly type: 'walk-started'; readonly mode: Mode; readonly stages: readonly StageOutline[] }
  | { readonly type: 'stage-started'; readonly stage: StageId; readonly title: string }
  | { readonly type: 'stage-ended'; readonly stage: StageId; readonly tookMs: Ms }
  | ({ readonly type: 'step-started' } & StepPlace)
  /** The diff is known and will now be applied. */
  | ({ readonly type: 'step-applying'; readonly changes: readonly Change[] } & StepPlace)
  | ({ readonly type: 'step-ended'; readonly verdict: Verdict; readonly tookMs: Ms } & StepPlace)
  /** The world does not show yet what the step wants; told once, and when the reason changes. */
  | ({ readonly type: 'waiting'; readonly why: string } & StepPlace)
  /** A line that a command printed on the host. */
  | { readonly type: 'output'; readonly host: HostName; readonly line: string }
  /** A command or look-up went out; shown with --verbose, always in the log. */
  | { readonly type: 'command'; readonly host: HostName; readonly command: string }
  | {
      readonly type: 'command-ended'
      readonly host: HostName
      readonly status: number
      readonly tookMs: Ms
      readonly tail: readonly string[]
    }
  | { readonly type: 'lane-ended'; readonly host: HostName; readonly stage: StageId; readonly outcome: LaneOutcome }
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly text: string; readonly host?: HostName }
  | { readonly type: 'failure'; readonly host?: HostName; readonly failure: Failure }
  | { readonly type: 'walk-ended'; readonly mode: Mode; readonly tookMs: Ms }
  | { readonly type: 'run-ended'; readonly exit: ExitClass; readonly roundTrips: Readonly<Record<string, number>> }

export type LaneOutcome = 'done' | 'failed' | 'blocked' | 'interrupted'

export interface StageOutline {
  readonly stage: StageId
  readonly title: string
  readonly hosts: readonly HostName[]
  /** Those of the hosts that are looked at here and never changed: cut by --limit, --stage or --from. */
  readonly looks?: readonly HostName[]
}

export type Emit = (event: Event) => void
