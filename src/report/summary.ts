// The last lines of a run: what failed first, what was changed where, how long it took, and what to do now.
import { foldNames } from '../text/fold-names.js'
import { plainLine } from '../text/plain.js'
import { count, duration } from '../text/say.js'
import { table } from '../text/table.js'
import { wrap } from '../text/width.js'
import { failureLines } from './error-text.js'
import { problemLines } from './problem-lines.js'
import type { FailureRecord, HostRecord, RunRecord } from './run-record.js'
import type { Style } from './style.js'

export interface SummaryView {
  readonly style: Style
  /** Of the terminal; undefined where it goes elsewhere. */
  readonly columns?: number | undefined
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
  const said = record.exit === 'ok' ? 'warning' : 'failure'
  const found = problemLines(
    problems.filter(({ problem }) => problem.level === said),
    { hosts: hosts.map(({ host }) => host), style },
  )
  const sections = inSync
    ? [[headline(record, style)], found, whereNext(record, view)]
    : [
        ...failureSections(failures, view),
        found,
        [headline(record, style), ...detachedLines(record, view), ...notDone(record)],
        hostTable(hosts),
        timings(record),
        whereNext(record, view),
      ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

const headline = (
  { command, exit, cluster, inventory, hosts, tookMs, roundTrips, detached }: RunRecord,
  style: Style,
): string => {
  const state = stateAfter(command, { cluster, inventory })
  const changed = sum(hosts.map((host) => host.changed))
  const touched = hosts.filter((host) => host.changed > 0).length
  const made =
    changed === 0
      ? 'nothing was changed'
      : `${count(changed, 'change')} on ${count(touched, 'host')} ${changed === 1 ? 'was' : 'were'} made`
  const took = duration(tookMs)
  const total = sum(Object.values(roundTrips))
  const trips = total === 0 ? '' : `, ${count(total, 'round trip')}`
  if (exit === 'ok') {
    if (changed === 0 && hosts.every(({ left }) => left === 0))
      return style.green(`In sync: ${state}; ${count(hosts.length, 'host')}, ${took}${trips}`)
    const left = sum(hosts.map((host) => host.left))
    const rest = left === 0 ? '' : `; ${count(left, 'step')} left as they are (--limit, --stage or --from)`
    return style.green(style.bold(`Done: ${state}; ${made}, ${took}${rest}`))
  }
  if (exit === 'interrupted') {
    const open = detached.length === 0 ? '' : ` with ${count(detached.length, 'step')} under way`
    const done = open !== '' && changed === 0 ? 'nothing else was changed' : made
    return style.yellow(style.bold(`Stopped after ${took}${open}; ${done}`))
  }
  if (exit === 'preflight') return style.red(style.bold(`Not begun: a check failed; ${made}`))
  if (exit === 'refused' || exit === 'locked') return style.red(style.bold(`Refused after ${took}; ${made}`))
  const bad = hosts.filter(({ failed }) => failed > 0).map(({ host }) => host)
  const where = bad.length === 0 ? '' : ` on ${foldNames(bad)}`
  return style.red(style.bold(`Failed${where} after ${took}; ${made}`))
}

/** Only who looks at everything can say how everything is. */
const stateAfter = (command: string, { cluster, inventory }: Pick<RunRecord, 'cluster' | 'inventory'>): string => {
  if (command.startsWith('add-')) return `brought into ${cluster}`
  if (command === 'remove') return `taken out of ${cluster}`
  if (command === 'replace') return `replaced in ${cluster}`
  if (command === 'reset') return `given back to you, no longer of ${cluster}`
  return `${cluster} is as ${inventory} says`
}

const failureSections = (
  failures: readonly FailureRecord[],
  { style, columns }: SummaryView,
): readonly (readonly string[])[] => {
  const all = failures.length <= fullFailures ? failures : failures.slice(0, fullFailures - 1)
  const rest = failures.slice(all.length)
  return [
    ...all.map(({ failure, ...place }) => failureLines(failure, { place, style, columns })),
    rest.map(({ host, title, failure }) =>
      style.red([host, title, plainLine(failure.message)].filter((part) => part !== undefined).join(': ')),
    ),
  ]
}

/** What the run left under way. */
const detachedLines = ({ detached }: RunRecord, { columns }: SummaryView): readonly string[] =>
  detached.flatMap((text) =>
    (columns === undefined ? [plainLine(text)] : wrap(plainLine(text), Math.max(20, columns - 5))).map((line, at) =>
      at === 0 ? `  ${line}` : `    ${line}`,
    ),
  )

/** Hosts of which something was not done, by reason. */
const notDone = ({ hosts }: RunRecord): readonly string[] => {
  const reasons = [...new Set(hosts.flatMap(({ why }) => (why === null ? [] : [why])))]
  return reasons.map((reason) => {
    const names = hosts.filter(({ why }) => why === reason)
    const steps = sum(names.map(({ skipped }) => skipped))
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
  const trips = Object.values(roundTrips)
  return [
    ...(timed.length === 0 ? [] : hanging('  Stages: ', timed)),
    ...(trips.length === 0 ? [] : [`  Round trips: ${sum(trips)}, at most ${Math.max(...trips)} to one host`]),
  ]
}

/** Parts on as many lines as they need, none of them broken. */
const hanging = (label: string, parts: readonly string[]): readonly string[] => {
  const lines: string[] = []
  for (const part of parts) {
    const line = lines.at(-1)
    if (line === undefined) lines.push(`${label}${part}`)
    else if (line.length + part.length + 2 > 78) lines.splice(-1, 1, `${line},`, `${' '.repeat(label.length)}${part}`)
    else lines.splice(-1, 1, `${line}, ${part}`)
  }
  return lines
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const whereNext = (record: RunRecord, { style, again, log, kubeconfig }: SummaryView): readonly string[] => {
  if (record.exit === 'ok') {
    if (kubeconfig === null || record.command === 'reset') return []
    const changed = record.hosts.some((host) => host.changed > 0)
    return [
      `  Kubeconfig: ${kubeconfig.file} (${kubeconfig.server})`,
      ...(changed ? [`  Look around: kubectl --kubeconfig ${kubeconfig.file} get nodes`] : []),
    ]
  }
  const mended =
    record.exit === 'interrupted' || record.exit === 'locked' ? 'Go on with' : 'When that is mended, go on with'
  return [`${mended}: ${style.bold(again)}`, ...(log === null ? [] : [`Everything that was done and said: ${log}`])]
}
