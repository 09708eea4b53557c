// Playbook × inventory × what the hosts are → Graph. Pure.
import { KhactlError } from '../model/error.js'
import type { StepId } from '../model/fact.js'
import type { Graph, Lane, Stage, StageId } from '../model/graph.js'
import { isReached, type HostName, type HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import { unprobed, type Look } from '../model/look.js'
import type { ClusterView } from '../model/membership.js'
import { findingMoves } from '../model/moves.js'
import { toTheEnd } from '../model/pieces.js'
import type { Step } from '../model/step.js'
import type { Entries, Playbook, PlaybookStage, Scope, Task, Wishes } from '../model/playbook.js'
import { desiredOf } from './desired.js'
import { leavingFault } from './refusals.js'
import { select } from './select.js'

export interface Compile {
  readonly playbook: Playbook
  readonly inventory: Inventory
  readonly registry: ReadonlyMap<string, Task>
  readonly observed: ReadonlyMap<HostName, HostState>
  /** null: not asked. */
  readonly endpointAnswers: boolean | null
  readonly view: ClusterView | null
  readonly wishes: Wishes
  readonly entries: Entries
  readonly looks: {
    readonly healthyMaster: Look<boolean>
    readonly holdsVip: Look<boolean>
  }
  /** Id of the step that makes the first leader. */
  readonly founding: StepId
  readonly cut: Cut
}

/** What --limit, --stage and --from leave to be changed; the rest is looked at and shown. null: everything. */
export interface Cut {
  readonly hosts: readonly HostName[] | null
  readonly stages: readonly StageId[] | null
  readonly from: StageId | null
  /** --parallel: an upper bound on every stage's width. */
  readonly width: number | null
}

/** Throws KhactlError `cluster.refused` when nextMove refuses, with the hosts named. */
export const compile = (input: Compile): Graph => toTheEnd(compiling(input))

/** The same, lane by lane, for who has other things to do in between. */
export function* compiling(input: Compile): Generator<undefined, Graph> {
  const { inventory, observed, playbook, view, wishes, entries } = input
  const fault = playbook.membership === 'ignored' ? null : leavingFault(inventory, { observed, wishes })
  if (fault !== null)
    throw new KhactlError('cluster.refused', { message: fault.reason, hint: fault.hint, exit: 'refused' })
  const { moves, end } =
    playbook.membership === 'ignored'
      ? ({ moves: [], end: { kind: 'done' } } as const)
      : yield* findingMoves(
          { hosts: observed, endpointAnswers: input.endpointAnswers, view },
          desiredOf(inventory, { observed, wishes }),
        )
  if (end.kind === 'refused' && playbook.name !== 'preflight')
    throw new KhactlError('cluster.refused', { message: end.reason, hint: end.hint, exit: 'refused' })
  const masters = named(inventory.hosts)
  const founder = moves.flatMap((move) => (move.kind === 'init' ? [move.host] : []))[0] ?? null
  const leader = founder ?? masters.find((host) => observed.get(host)?.kind === 'healthy') ?? null
  // Where no master that stays is healthy yet, the place for what is said of the cluster is the one that joins first, or
  // the one that etcd is rebuilt from.
  const stand =
    leader ??
    moves.flatMap((move) => (move.kind === 'join-master' || move.kind === 'rebuild-etcd' ? [move.host] : []))[0] ??
    null
  const isAlone = masters.every((host) => host === leader || observed.get(host)?.kind !== 'healthy')
  const second = isAlone ? (moves.flatMap((move) => (move.kind === 'join-master' ? [move.host] : []))[0] ?? null) : null
  const scope = { inventory, observed, moves, founder, view, wishes, entries }
  const stages: Stage[] = []
  for (const [index, stage] of playbook.stages.entries())
    stages.push(yield* compileStage(input, { stage, index, scope, leader, stand, second }))
  checkIds(stages)
  return {
    stages,
    leader: {
      // A master that is to leave leads only while none that stays can.
      candidates: [
        ...(leader === null ? [] : [leader]),
        ...masters.filter((host) => host !== leader),
        ...named(inventory.leaving.filter(({ name }) => isReached(observed, name))),
      ],
      healthy: input.looks.healthyMaster,
      founding: founder === null ? null : input.founding,
    },
  }
}

interface StageInput {
  readonly stage: PlaybookStage
  readonly index: number
  readonly scope: Omit<Scope, 'host'>
  readonly leader: HostName | null
  readonly stand: HostName | null
  readonly second: HostName | null
}

function* compileStage(
  input: Compile,
  { stage, index, scope, leader, stand, second }: StageInput,
): Generator<undefined, Stage> {
  const { playbook, inventory, registry, observed, cut } = input
  const tasks = stage.tasks.map((use) => {
    const task = registry.get(use.name)
    if (!task) throw new Error(`no task ${use.name}`)
    return { task, args: use.args }
  })
  const meant = select(stage.on, { inventory, observed, wishes: input.wishes, leader, stand, second })
  const unreached = new Set(meant.map(({ name }) => name).filter((name) => !isReached(observed, name)))
  // What is to be done about the dead is done through others.
  const reached =
    stage.on === 'dead' || stage.on === 'leaving or dead' ? meant : meant.filter(({ name }) => !unreached.has(name))
  // Set aside by name, or away from the start where the others of its kind can be mended without it.
  const aside = (name: HostName): boolean => unreached.has(name) || (cut.hosts !== null && !cut.hosts.includes(name))
  const before = playbook.stages[index - 1]?.id
  const widest = tasks.flatMap(({ task }) => task.widest ?? [])
  const stopping = new Set(tasks.flatMap(({ task }) => task.stoppedBy))
  const needsLeader = stopping.size > 0 && stage.on !== 'leader' && stage.on !== 'endpoint hosts'
  const left = isLeft(playbook, stage, cut)
  const isProbed = !left || playbook.stages.some((one) => !isLeft(playbook, one, cut) && isGuarded(input, one))
  const bare = onceEach((step: Step): Step => ({ ...step, look: unprobed(step.look, notAsked(stage.id)) }))
  const lanes: Lane[] = []
  for (const host of reached) {
    const may = mayChange(playbook, stage, { host: host.name, cut }) ? 'change' : 'look'
    const all = tasks.flatMap(({ task, args }) => task.steps({ ...scope, host }, args))
    const steps = isProbed ? all : all.map(bare)
    lanes.push({ host: host.name, steps, may })
    yield
  }
  return {
    id: stage.id,
    title: [...new Set(tasks.map(({ task }) => task.title))].join(', '),
    after: stage.after ?? (before === undefined ? [] : [before]),
    width: Math.min(stage.width ?? 30, cut.width ?? Infinity, ...widest),
    last: stage.last === 'vip-holder' ? input.looks.holdsVip : null,
    lanes,
    blockedBy: [
      ...inventory.hosts.filter(({ roles }) => roles.some((role) => stopping.has(role))).map(({ name }) => name),
      ...(needsLeader && leader !== null ? [leader] : []),
    ].filter((name) => !aside(name)),
    kind: tasks.every(({ task }) => task.kind === 'checks') ? 'checks' : 'changes',
    ...(left ? { cut: 'left' as const } : {}),
  }
}

const named = (hosts: readonly Host[]): readonly HostName[] =>
  hosts.filter(({ roles }) => roles.includes('master')).map(({ name }) => name)

const aboutLeaving: readonly PlaybookStage['on'][] = ['leaving', 'dead', 'leaving or dead']

const mayChange = (
  playbook: Playbook,
  stage: PlaybookStage,
  { host, cut }: { readonly host: HostName; readonly cut: Cut },
): boolean => {
  // A removal is one thing: a part of it, cut out, would take a host out of one place and leave it in another.
  if (aboutLeaving.includes(stage.on) && (cut.stages !== null || cut.from !== null)) return false
  if (cut.hosts !== null && !cut.hosts.includes(host)) return false
  return !isLeft(playbook, stage, cut)
}

const isLeft = ({ stages }: Playbook, stage: PlaybookStage, cut: Cut): boolean => {
  const isMeant = ({ id, of }: PlaybookStage, named: StageId): boolean => id === named || of === named
  if (cut.stages !== null && !cut.stages.some((named) => isMeant(stage, named))) return true
  const { from } = cut
  return from !== null && stages.indexOf(stage) < stages.findIndex((one) => isMeant(one, from))
}

/** Whether it does anything that preflight's probes are made for. */
const isGuarded = ({ registry }: Compile, { tasks }: PlaybookStage): boolean =>
  tasks.some(({ name }) => {
    const task = registry.get(name)
    return task?.kind === 'changes' && task.probes !== 'unguarded'
  })

/** The same steps may stand in many lanes. */
const onceEach = <T extends object>(make: (of: T) => T): ((of: T) => T) => {
  const made = new Map<T, T>()
  return (of) => {
    const known = made.get(of) ?? make(of)
    made.set(of, known)
    return known
  }
}

const notAsked = (stage: StageId): string => `not asked, as the stage ${stage} is left out`

/** A step's id names it on its host; two of one name would hide each other in the plan. */
const checkIds = (stages: readonly Stage[]): void => {
  const seen = new Set<string>()
  for (const { id: stage, lanes } of stages)
    for (const { host, steps } of lanes)
      for (const { id } of steps) {
        const key = `${host}/${id}`
        if (seen.has(key))
          throw new KhactlError('playbook.twice', {
            message: `two steps named ${id} on ${host} (the second in stage ${stage})`,
            exit: 'usage',
          })
        seen.add(key)
      }
}
