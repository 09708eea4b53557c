// The plan in numbers, and in one line.
import type { Plan, PlanEntry } from '../model/plan.js'
import type { Problem } from '../model/step.js'
import { foldNames } from '../text/fold-names.js'
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
  /** Steps that are due and wait for a host that is away. */
  readonly notDone: number
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

/** Of a cluster that is right nearly all entries say no more than that. */
export const isNoted = ({ verdict }: PlanEntry): boolean => verdict.kind !== 'ok' || verdict.problems.length > 0

export const summarise = (plan: Plan): PlanSummary => {
  const noted = plan.entries.filter(isNoted)
  const items = noted.flatMap((entry) => itemsOf(changesOf(entry)).map((item) => ({ host: entry.host, ...item })))
  const kinds = (...wanted: readonly PlanEntry['verdict']['kind'][]): readonly PlanEntry[] =>
    noted.filter(({ verdict }) => wanted.includes(verdict.kind))
  const members = items.filter(({ impact }) => impact === 'membership')
  const hosts = (of: readonly { readonly host: string }[]): number => new Set(of.map(({ host }) => host)).size
  return {
    hosts: hosts(plan.entries),
    hostsThatChange: hosts([...items, ...kinds('unknown')]),
    steps: plan.entries.length,
    changes: items.length,
    unknown: kinds('unknown').length,
    unreadable: kinds('unreadable', 'failed').length,
    notDone: kinds('skipped').length,
    failures: problemsOf(noted, 'failure').length,
    warnings: problemsOf(noted, 'warning').length,
    notChecked: problemsOf(noted, 'not-checked').length,
    restarts: items.filter(({ impact }) => impact === 'restart').length,
    reloads: items.filter(({ impact }) => impact === 'reload').length,
    joins: hosts(members.filter(({ kind }) => kind !== 'removed')),
    leaves: hosts(members.filter(({ kind }) => kind === 'removed')),
    apiGaps: items.filter(({ impact }) => impact === 'api-gap').length,
    removals: items.filter(({ kind, impact }) => kind === 'removed' && impact !== 'membership').length,
  }
}

const problemsOf = (entries: readonly PlanEntry[], level: Problem['level']): readonly Problem[] =>
  entries.flatMap(({ verdict }) => ('problems' in verdict ? verdict.problems.filter((one) => one.level === level) : []))

export interface SummaryWords {
  /** `checks`: of a walk that only checks (preflight). */
  readonly of: 'changes' | 'checks'
  /** Hosts that no step was looked at on. */
  readonly unreachable: readonly string[]
}

/** `Plan: 7 hosts, 143 changes, 9 unknown; 2 services restart, 5 hosts join; nothing is removed` */
export const summaryLine = (summary: PlanSummary, { of, unreachable }: SummaryWords): string => {
  const stuck = [
    ...(summary.failures > 0 && of === 'changes' ? [`${count(summary.failures, 'check')} failed`] : []),
    ...(summary.notDone > 0 ? [`${count(summary.notDone, 'step')} not done`] : []),
    ...(summary.unreadable > 0 ? [`${count(summary.unreadable, 'step')} could not be read`] : []),
    ...(unreachable.length > 0 ? [`${foldNames(unreachable)} not reached`] : []),
  ]
  const parts = of === 'checks' ? checkParts(summary) : planParts(summary, stuck)
  return [...parts, ...(stuck.length === 0 ? [] : [listed(stuck)])].join('; ')
}

const checkParts = ({ hosts, steps, failures, warnings, notChecked }: PlanSummary): readonly string[] => {
  const found = [
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
    ...(notChecked > 0 ? [`${notChecked} not checked`] : []),
  ]
  return [
    `Checks: ${count(hosts, 'host')}, ${count(steps, 'check')}`,
    found.length === 0 ? 'nothing found' : listed(found),
  ]
}

const planParts = (summary: PlanSummary, stuck: readonly string[]): readonly string[] => {
  const { hosts, hostsThatChange, steps, changes, unknown, removals } = summary
  if (changes === 0 && unknown === 0) {
    const looked = `${count(hosts, 'host')}, ${count(steps, 'step')} looked at`
    return stuck.length === 0 && hosts > 0 ? [`In sync: ${looked}, nothing to change`] : [`Plan: ${looked}`]
  }
  const who = hostsThatChange === hosts ? count(hosts, 'host') : `${hostsThatChange} of ${count(hosts, 'host')}`
  const what = [who, count(changes, 'change'), ...(unknown > 0 ? [`${unknown} unknown`] : [])].join(', ')
  const impacts = impactWords(summary)
  const removed = removals === 0 ? 'nothing is removed' : `${count(removals, 'thing')} removed`
  return [`Plan: ${what}`, ...(impacts === '' ? [] : [impacts]), removed]
}

const impactWords = ({ restarts, reloads, joins, leaves, apiGaps }: PlanSummary): string =>
  [
    ...(restarts > 0 ? [`${count(restarts, 'service')} ${restarts === 1 ? 'restarts' : 'restart'}`] : []),
    ...(reloads > 0 ? [`${count(reloads, 'service')} ${reloads === 1 ? 'reloads' : 'reload'}`] : []),
    ...(joins > 0 ? [`${count(joins, 'host')} ${joins === 1 ? 'joins' : 'join'}`] : []),
    ...(leaves > 0 ? [`${count(leaves, 'host')} ${leaves === 1 ? 'leaves' : 'leave'}`] : []),
    ...(apiGaps > 0 ? [`the API is away ${apiGaps === 1 ? 'once' : `${apiGaps} times`} for a moment`] : []),
  ].join(', ')
