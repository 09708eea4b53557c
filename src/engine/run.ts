// Walks a graph: stages by their order, hosts at their own pace. plan and up are this same walk; a plan has no hands.
import pLimit from 'p-limit'
import type { LaneOutcome } from '../model/event.js'
import type { Graph, Lane, Stage } from '../model/graph.js'
import type { HostName } from '../model/host.js'
import { inSlices } from '../model/pieces.js'
import type { Ms } from '../model/session.js'
import { entryOf, planKey, type Plan, type PlanEntry } from '../model/plan.js'
import { announcedBy } from './expect.js'
import { runLane } from './lane.js'
import { createLookAhead, looksOf } from './look-ahead.js'
import type { Memory } from './memory.js'
import { createObserver } from './observe.js'
import { createOutlook } from './outlook.js'
import { createPace, type Pace } from './pace.js'
import type { Ports, Send } from './ports.js'
import type { Gate } from './step.js'
import { createHands } from './writers.js'

export interface Walk {
  readonly graph: Graph
  readonly memory: Memory
  readonly ports: Ports
  /** Present: changes are applied, and held to `expected`. */
  readonly apply: { readonly send: Send; readonly expected: Plan } | null
  /** Without hands: for how long checks that may settle are waited for, all in all. A plan tells what it sees at once. */
  readonly patience?: Ms
  /** Hosts that failed before the walk (unreachable): they block what depends on them. */
  readonly failed: ReadonlySet<HostName>
  readonly interrupted: () => boolean
}

export interface Walked {
  readonly plan: Plan
  readonly failed: ReadonlySet<HostName>
}

export const walk = async (input: Walk): Promise<Walked> => {
  const { graph, memory, interrupted } = input
  const ended = new Map<string, PlanEntry>()
  const ports: Ports = {
    ...input.ports,
    emit: (event) => {
      if (event.type === 'step-ended') ended.set(planKey(event), entryOf(event))
      input.ports.emit(event)
    },
  }
  const started = ports.now()
  const mode = input.apply ? 'apply' : 'plan'
  const outline = ({ id, title, lanes }: Stage) => ({
    stage: id,
    title,
    hosts: lanes.map(({ host }) => host),
    looks: lanes.filter(({ may }) => may === 'look').map(({ host }) => host),
  })
  ports.emit({ type: 'walk-started', mode, stages: graph.stages.map(outline) })
  const looks = looksOf(graph)
  const ahead = createLookAhead(looks.keys())
  const observer = createObserver({ memory, ports, rule: graph.leader, hold: ahead.hold })
  const hands = input.apply ? createHands({ memory, observer, send: input.apply.send }) : null
  const unplanned = input.apply ? announcedBy(input.apply.expected) : null
  const patience = input.apply ? Infinity : input.patience
  const patientUntil = patience === undefined ? null : started + patience
  const gate: Gate = { observer, memory, ports, hands, unplanned, patientUntil, interrupted }
  const state: State = {
    outlook: input.apply ? createOutlook(graph, input.apply.expected) : null,
    failed: new Set(input.failed),
    away: input.failed,
    pending: new Map(),
    stopped: false,
    interrupted,
    pace: createPace(),
  }
  await ahead.look({ observer, pace: state.pace, looks })
  await inOrder(graph.stages, (stage) => runStage(gate, stage, state))
  ports.emit({ type: 'walk-ended', mode, tookMs: ports.now() - started })
  return { plan: await inSlices(planOf(graph, ended)), failed: state.failed }
}

interface State {
  readonly outlook: ReturnType<typeof createOutlook> | null
  readonly failed: Set<HostName>
  /** Failed before the walk began: what waits for them is not done in this run, and a plan says so. */
  readonly away: ReadonlySet<HostName>
  readonly pending: Map<HostName, Set<string>>
  /** A stage of checks found a failure: nothing may be changed. */
  stopped: boolean
  readonly interrupted: () => boolean
  readonly pace: Pace
}

const inOrder = async (stages: readonly Stage[], run: (stage: Stage) => Promise<void>): Promise<void> => {
  const ended = new Map<string, Promise<void>>()
  for (const stage of stages) {
    const before = stage.after.map((id) => ended.get(id) ?? Promise.resolve())
    ended.set(
      stage.id,
      Promise.all(before).then(() => run(stage)),
    )
  }
  await Promise.all(ended.values())
}

const runStage = async (gate: Gate, stage: Stage, state: State): Promise<void> => {
  const started = gate.ports.now()
  gate.ports.emit({ type: 'stage-started', stage: stage.id, title: stage.title })
  const lanes = await ordered(gate, stage)
  const limit = pLimit(stage.width)
  const problems: boolean[] = await Promise.all(
    lanes.map((lane) =>
      limit(async () => {
        // What is known already is no wait: without this all hosts would pass in one turn of the event loop.
        await state.pace()
        const outcome = await runOne(gate, { stage, lane, state })
        gate.ports.emit({ type: 'lane-ended', host: lane.host, stage: stage.id, outcome })
        if (outcome === 'failed') state.failed.add(lane.host)
        return outcome === 'failed'
      }),
    ),
  )
  if (stage.kind === 'checks' && gate.hands && problems.some(Boolean)) state.stopped = true
  gate.ports.emit({ type: 'stage-ended', stage: stage.id, tookMs: gate.ports.now() - started })
}

const runOne = async (
  gate: Gate,
  { stage, lane, state }: { readonly stage: Stage; readonly lane: Lane; readonly state: State },
): Promise<LaneOutcome> => {
  const blocker = stage.blockedBy.find((host) => host !== lane.host && state.failed.has(host))
  const why = state.stopped
    ? 'a check before any change failed'
    : state.failed.has(lane.host)
      ? 'an earlier stage failed on this host'
      : blocker
        ? `${blocker} failed`
        : null
  if (why !== null && gate.hands) {
    for (const { id, title } of lane.steps)
      gate.ports.emit({
        type: 'step-ended',
        host: lane.host,
        stage: stage.id,
        step: id,
        title,
        verdict: { kind: 'skipped', why },
        tookMs: 0,
      })
    return 'blocked'
  }
  const pending = state.pending.get(lane.host) ?? new Set<string>()
  state.pending.set(lane.host, pending)
  const pendingAnywhere = (): string | undefined => [...state.pending.values()].flatMap((ids) => [...ids]).at(-1)
  const awaits = stage.blockedBy.find((host) => host !== lane.host && state.away.has(host)) ?? null
  const outlook = state.outlook?.(stage.id, lane.host) ?? null
  return runLane(gate, { stage, lane, pending, pendingAnywhere, awaits, outlook, interrupted: state.interrupted })
}

/** Hosts for which the stage's `last` is true when it starts go to the end. */
const ordered = async ({ observer }: Gate, { last, lanes }: Stage): Promise<readonly Lane[]> => {
  if (!last) return lanes
  const flags = await Promise.all(
    lanes.map(async ({ host }) => {
      const seen = await observer.observe(last, { host, glance: 0 })
      return seen.status === 'known' && seen.state
    }),
  )
  return [...lanes.filter((_, index) => !flags[index]), ...lanes.filter((_, index) => flags[index])]
}

/** In the order of stages, hosts and steps of the graph, whatever order they ended in. */
function* planOf({ stages }: Graph, ended: ReadonlyMap<string, PlanEntry>): Generator<undefined, Plan> {
  const entries: PlanEntry[] = []
  for (const { id: stage, lanes } of stages)
    for (const { host, steps } of lanes) {
      for (const { id: step } of steps) {
        const entry = ended.get(planKey({ stage, host, step }))
        if (entry) entries.push(entry)
      }
      yield
    }
  return { entries }
}
