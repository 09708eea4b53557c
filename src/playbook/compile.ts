// Playbook × inventory × what the hosts are → Graph. Pure.
import { KhactlError } from '../model/error.js'
import type { StepId } from '../model/fact.js'
import type { Graph, Lane, Stage, StageId } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { Look } from '../model/look.js'
import { allMoves } from '../model/membership.js'
import type { Playbook, PlaybookStage, Scope, Selector, Task } from '../model/playbook.js'

export interface Compile {
  readonly playbook: Playbook
  readonly inventory: Inventory
  readonly registry: ReadonlyMap<string, Task>
  readonly observed: ReadonlyMap<HostName, HostState>
  /** null: not asked. */
  readonly endpointAnswers: boolean | null
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
export const compile = (input: Compile): Graph => {
  const { inventory, observed, playbook } = input
  const masters = named(inventory, 'master')
  const { moves, end } = allMoves(
    { hosts: observed, endpointAnswers: input.endpointAnswers },
    { masters, workers: named(inventory, 'worker') },
  )
  if (end.kind === 'refused' && playbook.name !== 'preflight')
    throw new KhactlError('cluster.refused', { message: end.reason, hint: end.hint, exit: 'refused' })
  const founder = moves.find(({ kind }) => kind === 'init')?.host ?? null
  const leader = founder ?? masters.find((host) => observed.get(host)?.kind === 'healthy') ?? null
  const scope = { inventory, observed, moves, founder }
  const stages = playbook.stages.map((stage, index) => compileStage(input, { stage, index, scope, leader }))
  checkIds(stages)
  return {
    stages,
    leader: {
      candidates: leader === null ? masters : [leader, ...masters.filter((host) => host !== leader)],
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
}

const compileStage = (input: Compile, { stage, index, scope, leader }: StageInput): Stage => {
  const { playbook, inventory, registry, observed, cut } = input
  const tasks = stage.tasks.map((use) => {
    const task = registry.get(use.name)
    if (!task) throw new Error(`no task ${use.name}`)
    return { task, args: use.args }
  })
  const meant = select(inventory, stage.on, leader)
  const unreached = meant.filter(({ name }) => observed.get(name)?.kind === 'unreachable').map(({ name }) => name)
  const reached = meant.filter(({ name }) => !unreached.includes(name))
  // Set aside by name, or away from the start where the others of its kind can be mended without it.
  const aside = (name: HostName): boolean =>
    unreached.includes(name) || (cut.hosts !== null && !cut.hosts.includes(name))
  const before = playbook.stages[index - 1]?.id
  const widest = tasks.flatMap(({ task }) => task.widest ?? [])
  const stopping = new Set(tasks.flatMap(({ task }) => task.stoppedBy))
  const needsLeader = stopping.size > 0 && stage.on !== 'leader' && stage.on !== 'endpoint hosts'
  return {
    id: stage.id,
    title: tasks.map(({ task }) => task.title).join(', '),
    after: stage.after ?? (before === undefined ? [] : [before]),
    width: Math.min(stage.width ?? 30, cut.width ?? Infinity, ...widest),
    last: stage.last === 'vip-holder' ? input.looks.holdsVip : null,
    lanes: reached.map((host): Lane => ({
      host: host.name,
      steps: tasks.flatMap(({ task, args }) => task.steps({ ...scope, host }, args)),
      may: mayChange(playbook, stage.id, { host: host.name, cut }) ? 'change' : 'look',
    })),
    blockedBy: [
      ...inventory.hosts.filter(({ roles }) => roles.some((role) => stopping.has(role))).map(({ name }) => name),
      ...(needsLeader && leader !== null ? [leader] : []),
    ].filter((name) => !aside(name)),
    kind: tasks.every(({ task }) => task.kind === 'checks') ? 'checks' : 'changes',
  }
}

const select = (inventory: Inventory, on: Selector, leader: HostName | null): readonly Host[] => {
  const having = (...roles: readonly string[]): readonly Host[] =>
    inventory.hosts.filter((host) => host.roles.some((role) => roles.includes(role)))
  switch (on) {
    case 'all':
      return inventory.hosts
    case 'endpoint hosts':
    case 'haproxy':
      return having('haproxy')
    case 'leader':
      return inventory.hosts.filter(({ name }) => name === leader)
    case 'other masters':
      return having('master').filter(({ name }) => name !== leader)
    case 'master':
      return having('master')
    case 'worker':
      return having('worker').filter(({ roles }) => !roles.includes('master'))
    case 'master+worker':
      return having('master', 'worker')
  }
}

const named = (inventory: Inventory, role: 'master' | 'worker'): readonly HostName[] =>
  inventory.hosts.filter(({ roles }) => roles.includes(role)).map(({ name }) => name)

const mayChange = (
  playbook: Playbook,
  stage: StageId,
  { host, cut }: { readonly host: HostName; readonly cut: Cut },
): boolean => {
  const ids = playbook.stages.map(({ id }) => id)
  if (cut.hosts !== null && !cut.hosts.includes(host)) return false
  if (cut.stages !== null && !cut.stages.includes(stage)) return false
  return cut.from === null || ids.indexOf(stage) >= ids.indexOf(cut.from)
}

/** A step's id names it on its host; two of one name would hide each other in the plan. */
const checkIds = (stages: readonly Stage[]): void => {
  const seen = new Set<string>()
  for (const { id: stage, lanes } of stages)
    for (const { host, steps } of lanes)
      for (const { id } of steps) {
        const key = `${host}/${id}`
        if (seen.has(key)) throw new Error(`two steps named ${id} on ${host} (the second in stage ${stage})`)
        seen.add(key)
      }
}
