// What a playbook and an inventory compile to: stages × host lanes × steps, all data.
import type { StepId } from './fact.js'
import type { HostName } from './host.js'
import type { Look } from './look.js'
import type { Step } from './step.js'

export type StageId = string

export interface Graph {
  readonly stages: readonly Stage[]
  readonly leader: LeaderRule
}

export interface Stage {
  readonly id: StageId
  readonly title: string
  /** Stages that must have ended before this one starts. */
  readonly after: readonly StageId[]
  /** Hosts at work at once. */
  readonly width: number
  /** Hosts for which this is true when the stage starts come last (the VIP's holder). */
  readonly last: Look<boolean> | null
  readonly lanes: readonly Lane[]
  /** A lane of this stage does not start once one of these hosts has failed. */
  readonly blockedBy: readonly HostName[]
  /** `checks`: a failure found by any check here ends the run after the stage, before any change. */
  readonly kind: 'checks' | 'changes'
  /** As a whole cut by --stage or --from: what it waits for will not come in this run. */
  readonly cut?: 'left'
}

export interface Lane {
  readonly host: HostName
  readonly steps: readonly Step[]
  /** `look`: cut by --limit, --stage or --from: looked at and shown, never changed. */
  readonly may: 'change' | 'look'
}

/** Who the leader is, as data: the first candidate for which the look is true, resolved whenever a step needs it. */
export interface LeaderRule {
  readonly candidates: readonly HostName[]
  readonly healthy: Look<boolean>
  /** The step that makes the first leader; leader facts are unknown until then. null: there is a cluster, or none is made. */
  readonly founding: StepId | null
}
