// The plan in numbers, and in one line.
import type { Plan, PlanEntry } from '../model/plan.js'
import type { Problem } from '../model/step.js'
import { count, listed } from '../text/say.js'
import { changesOf, itemsOf } from './plan-items.js'

/** Hosts and steps are those of the plan; the rest counts things on hosts: one file on two hosts is two changes. */
export interface PlanSummary {
  readonly hosts: number
  readonly hostsThatChange: number
  readonly steps: number
  readonly changes: number
  readonly unknown: number
  readonly unreadable: number
  readonly failures: number
  readonly warnings: number
  readonly notChecked: number
  readonly restarts: number
  readonly reloads: number
  readonly joins: number
  readonly leaves: number
  readonly apiGaps: number
  readonly removals: number
}

export const summarise = (plan: Plan): PlanSummary => {
  const items = plan.entries.flatMap((entry) =>
    itemsOf(changesOf(entry)).map((item) => ({ host: entry.host, ...item })),
  )
  const kinds = (...wanted: readonly PlanEntry['verdict']['kind'][]): readonly PlanEntry[] =>
    plan.entries.filter(({ verdict }) => wanted.includes(verdict.kind))
  const members = items.filter(({ impact }) => impact === 'membership')
  const hosts = (of: readonly { readonly host: string }[]): number => new Set(of.map(({ host }) => host)).size
  return {
    hosts: hosts(plan.entries),
    hostsThatChange: hosts([...items, ...kinds('unknown')]),
    steps: plan.entries.length,
    changes: items.length,
    unknown: kinds('unknown').length,
    unreadable: kinds('unreadable', 'failed', 'skipped').length,
    failures: problemsOf(plan, 'failure').length,
    warnings: problemsOf(plan, 'warning').length,
    notChecked: problemsOf(plan, 'not-checked').length,
    restarts: items.filter(({ impact }) => impact === 'restart').length,
    reloads: items.filter(({ impact }) => impact === 'reload').length,
    joins: hosts(members.filter(({ kind }) => kind !== 'removed')),
    leaves: hosts(members.filter(({ kind }) => kind === 'removed')),
    apiGaps: items.filter(({ impact }) => impact === 'api-gap').length,
    removals: items.filter(({ kind, impact }) => kind === 'removed' && impact !== 'membership').length,
  }
}

const problemsOf = (plan: Plan, level: Problem['level']): readonly Problem[] =>
  plan.entries.flatMap(({ verdict }) =>
    'problems' in verdict ? verdict.problems.filter((one) => one.level === level) : [],
  )

/** `Plan: 7 hosts, 143 changes, 9 unknown; 2 services restart, 5 hosts join; nothing is removed` */
export const summaryLine = (summary: PlanSummary): string => {
  const { hosts, hostsThatChange, changes, unknown, unreadable, failures } = summary
  const stuck = [
    ...(failures > 0 ? [`${count(failures, 'check')} failed`] : []),
    ...(unreadable > 0 ? [`${count(unreadable, 'step')} could not be read`] : []),
  ]
  if (changes === 0 && unknown === 0) {
    const checked = `${count(hosts, 'host')}, ${count(summary.steps, 'step')} looked at`
    return stuck.length === 0 ? `In sync: ${checked}, nothing to change` : `Plan: ${checked}; ${listed(stuck)}`
  }
  const who = hostsThatChange === hosts ? count(hosts, 'host') : `${hostsThatChange} of ${count(hosts, 'host')}`
  const what = [who, count(changes, 'change'), ...(unknown > 0 ? [`${unknown} unknown`] : [])].join(', ')
  const impacts = impactWords(summary)
  const removed = summary.removals === 0 ? 'nothing is removed' : `${count(summary.removals, 'thing')} removed`
  return [
    'Plan: ' + what,
    ...(impacts === '' ? [] : [impacts]),
    removed,
    ...(stuck.length === 0 ? [] : [listed(stuck)]),
  ].join('; ')
}

const impactWords = ({ restarts, reloads, joins, leaves, apiGaps }: PlanSummary): string =>
  [
    ...(restarts > 0 ? [`${count(restarts, 'service')} ${restarts === 1 ? 'restarts' : 'restart'}`] : []),
    ...(reloads > 0 ? [`${count(reloads, 'service')} ${reloads === 1 ? 'reloads' : 'reload'}`] : []),
    ...(joins > 0 ? [`${count(joins, 'host')} ${joins === 1 ? 'joins' : 'join'}`] : []),
    ...(leaves > 0 ? [`${count(leaves, 'host')} ${leaves === 1 ? 'leaves' : 'leave'}`] : []),
    ...(apiGaps > 0 ? [`the API is away ${apiGaps === 1 ? 'once' : `${apiGaps} times`} for a moment`] : []),
  ].join(', ')
