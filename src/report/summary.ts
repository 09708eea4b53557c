// The last lines of a run: what failed first, what was changed where, how long it took, and what to do now.
import { foldNames } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { count, duration } from '../text/say.js'
import { table } from '../text/table.js'
import { failureLines } from './error-text.js'
import { problemLines } from './problem-lines.js'
import type { FailureRecord, HostRecord, RunRecord } from './run-record.js'
import type { Style } from './style.js'

export interface SummaryView {
  readonly style: Style
  /** The command line as it was given: what to type to go on. */
  readonly again: string
  /** null: none was written. */
  readonly log: string | null
  /** Where the operator's kubeconfig is, and the API endpoint it names; null: not fetched. */
  readonly kubeconfig: { readonly file: string; readonly server: string } | null
}

/** Failures told in full; of more than this many, one line each. */
const fullFailures = 5

/** Ends with a newline. */
export const summaryText = (record: RunRecord, view: SummaryView): string => {
  const { hosts, failures, problems } = record
  const { style } = view
  const inSync = record.exit === 'ok' && hosts.every(({ changed, left }) => changed + left === 0)
  const sections = inSync
    ? [[headline(record, style)], warnings(record, style), whereNext(record, view)]
    : [
        ...failureSections(failures, style),
        problemLines(problems, { hosts: hosts.map(({ host }) => host), style }),
        [headline(record, style), ...notDone(record)],
        hostTable(hosts),
        timings(record),
        whereNext(record, view),
      ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

const headline = ({ exit, cluster, inventory, hosts, tookMs }: RunRecord, style: Style): string => {
  const changed = hosts.reduce((sum, host) => sum + host.changed, 0)
  const touched = hosts.filter((host) => host.changed > 0).length
  const made = changed === 0 ? 'nothing was changed' : `${count(changed, 'change')} on ${count(touched, 'host')}`
  const took = duration(tookMs)
  if (exit === 'ok') {
    if (changed === 0 && hosts.every(({ left }) => left === 0))
      return style.green(`In sync: ${cluster} is as ${inventory} says; ${count(hosts.length, 'host')}, ${took}`)
    const left = hosts.reduce((sum, host) => sum + host.left, 0)
    const rest = left === 0 ? '' : `; ${count(left, 'step')} left as they are (--limit, --stage or --from)`
    return style.green(style.bold(`Done: ${cluster} is as ${inventory} says; ${made}, ${took}${rest}`))
  }
  if (exit === 'interrupted') return style.yellow(style.bold(`Stopped after ${took}: ${made}`))
  if (exit === 'preflight') return style.red(style.bold(`Not begun: a check failed; ${made}`))
  if (exit === 'refused' || exit === 'locked') return style.red(style.bold(`Refused after ${took}: ${made}`))
  const bad = hosts.filter(({ failed }) => failed > 0).map(({ host }) => host)
  const where = bad.length === 0 ? '' : ` on ${foldNames(bad)}`
  return style.red(style.bold(`Failed${where} after ${took}: ${made} before`))
}

const failureSections = (failures: readonly FailureRecord[], style: Style): readonly (readonly string[])[] => {
  const all = failures.length <= fullFailures ? failures : failures.slice(0, fullFailures - 1)
  const rest = failures.slice(all.length)
  return [
    ...all.map(({ failure, ...place }) => failureLines(failure, { place, style })),
    rest.map(({ host, title, failure }) =>
      style.red([host, title, plainLine(failure.message)].filter((part) => part !== undefined).join(': ')),
    ),
  ]
}

/** Hosts of which something was not done, by reason. */
const notDone = ({ hosts }: RunRecord): readonly string[] => {
  const reasons = [...new Set(hosts.flatMap(({ why }) => (why === null ? [] : [why])))]
  return reasons.map((reason) => {
    const names = hosts.filter(({ why }) => why === reason)
    const steps = names.reduce((sum, { skipped }) => sum + skipped, 0)
    return `  not done: ${count(steps, 'step')} on ${foldNames(names.map(({ host }) => host))} (${reason})`
  })
}

const hostTable = (hosts: readonly HostRecord[]): readonly string[] => {
  const columns = [
    ['changed', ({ changed }: HostRecord) => changed],
    ['right already', ({ right }: HostRecord) => right],
    ['failed', ({ failed }: HostRecord) => failed],
    ['not done', ({ skipped }: HostRecord) => skipped],
    ['left', ({ left }: HostRecord) => left],
  ] as const
  const shown = columns.filter(([name, of]) => name === 'changed' || hosts.some((host) => of(host) > 0))
  const head = ['host', ...shown.map(([name]) => name)]
  const rows = hosts.map((host) => [host.host, ...shown.map(([, of]) => (of(host) === 0 ? '-' : String(of(host))))])
  if (hosts.length === 0) return []
  const aligned = { columns: head.map((_, index) => ({ align: index === 0 ? 'left' : 'right' }) as const) }
  return table([head, ...rows], aligned).map((line) => `  ${line}`)
}

const timings = ({ stages, roundTrips }: RunRecord): readonly string[] => {
  const timed = stages.flatMap(({ stage, tookMs }) => (tookMs === null ? [] : [`${stage} ${duration(tookMs)}`]))
  return [...(timed.length === 0 ? [] : [`  Stages: ${timed.join(', ')}`]), ...roundTripLine(roundTrips)]
}

const roundTripLine = (roundTrips: Readonly<Record<string, number>>): readonly string[] => {
  const numbers = Object.values(roundTrips)
  if (numbers.length === 0) return []
  const total = numbers.reduce((sum, number) => sum + number, 0)
  return [`  Round trips: ${total}, at most ${Math.max(...numbers)} to one host`]
}

const warnings = ({ problems, hosts }: RunRecord, style: Style): readonly string[] =>
  problemLines(problems, { hosts: hosts.map(({ host }) => host), style })

const whereNext = (record: RunRecord, { style, again, log, kubeconfig }: SummaryView): readonly string[] => {
  const lines: string[] = []
  if (record.exit === 'ok') {
    if (kubeconfig !== null) {
      lines.push(`  Kubeconfig: ${kubeconfig.file} (${kubeconfig.server})`)
      lines.push(`  Look around: kubectl --kubeconfig ${kubeconfig.file} get nodes`)
    }
    if (lines.length === 0) lines.push(...roundTripLine(record.roundTrips))
    return lines
  }
  const mended =
    record.exit === 'interrupted' || record.exit === 'locked' ? 'Go on with' : 'When that is mended, go on with'
  lines.push(`${mended}: ${style.bold(again)}`)
  if (log !== null) lines.push(`Everything that was done and said: ${log}`)
  return lines
}
