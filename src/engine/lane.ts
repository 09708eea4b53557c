// One host's steps of one stage, one after the other.
import type { LaneOutcome, Verdict } from '../model/event.js'
import type { Lane, Stage } from '../model/graph.js'
import type { HostName } from '../model/host.js'
import { failureOf } from '../model/failure.js'
import { passGate, type Gate } from './step.js'
import type { Ahead } from './observe.js'
import type { Outlook } from './outlook.js'

export interface LaneRun {
  readonly stage: Stage
  readonly lane: Lane
  /** Pending steps of this host over all stages; added to. */
  readonly pending: Set<string>
  /** A pending step of any host; undefined: there is none yet. */
  readonly pendingAnywhere: () => string | undefined
  /** In a plan: a host that is away, without which the run would leave this lane as it is. */
  readonly awaits: HostName | null
  readonly interrupted: () => boolean
  /** null in a plan, which looked at everything before its first step. */
  readonly outlook: Outlook | null
}

export const runLane = async (gate: Gate, run: LaneRun): Promise<LaneOutcome> => {
  const { stage, lane, pending, pendingAnywhere, awaits, interrupted, outlook } = run
  const looks: readonly Ahead[] = lane.steps.map(({ look }) => ({ host: lane.host, look }))
  // Checks are reported all at once, and a plan shows all it can.
  const stopsAt = gate.hands && lane.may === 'change' && stage.kind === 'changes' ? 'failure' : 'never'
  let failed: 'no' | 'by a check' | 'by a change' = 'no'
  for (const [index, step] of lane.steps.entries()) {
    const place = { host: lane.host, stage: stage.id, step: step.id, title: step.title }
    const started = gate.ports.now()
    const end = (verdict: Verdict): void =>
      gate.ports.emit({ type: 'step-ended', ...place, verdict, tookMs: gate.ports.now() - started })
    const isCheck = step.writes.length === 0
    // Checks that follow a failing check still say what they find; changes do not follow it.
    const stops = stopsAt === 'failure' && (failed === 'by a change' || (failed === 'by a check' && !isCheck))
    if (interrupted() || stops) {
      end({ kind: 'skipped', why: interrupted() ? 'interrupted' : 'an earlier step of this host failed' })
      continue
    }
    gate.ports.emit({ type: 'step-started', ...place })
    const rest = looks.filter((_, at) => at > index && lane.steps[at]?.knownBy === undefined)
    // Once a host's last change is made one request tells all that is left to be seen there.
    const ahead = outlook && !outlook.changesBehind(index) ? [...rest, ...outlook.later] : rest
    const passage = { step, place, may: lane.may, cut: stage.cut, pending, pendingAnywhere, ahead }
    const passed = await passGate(gate, passage).catch((error: unknown): Verdict => ({
      kind: 'failed',
      failure: failureOf(error),
    }))
    const due = !isCheck && (passed.kind === 'would-change' || passed.kind === 'unknown')
    const verdict: Verdict =
      due && awaits !== null && lane.may === 'change'
        ? { kind: 'skipped', why: `not done while ${awaits} is away` }
        : passed
    end(verdict)
    if (verdict.kind === 'would-change' || verdict.kind === 'unknown') pending.add(step.id)
    if (['failed', 'unreadable', 'problem'].includes(verdict.kind) && failed !== 'by a change')
      failed = isCheck ? 'by a check' : 'by a change'
  }
  if (interrupted()) return 'interrupted'
  return failed === 'no' ? 'done' : 'failed'
}
