// The plan as an operator reads it at two in the morning: what is wrong first, then what changes, stage by stage.
import type { StageOutline } from '../model/event.js'
import { nextTurn } from '../model/pieces.js'
import type { Plan, PlanEntry } from '../model/plan.js'
import { foldNames, sayHosts } from '../text/fold-names.js'
import type { LineDiff } from '../text/line-diff.js'
import { plainLine } from '../text/plain.js'
import { count } from '../text/say.js'
import { failureLines } from './error-text.js'
import { groupParts, type Part } from './plan-groups.js'
import { itemLines, type ItemView } from './plan-item-lines.js'
import { changesOf, itemsOf } from './plan-items.js'
import { isNoted, summarise, summaryLine, type SummaryWords } from './plan-summary.js'
import { problemLines } from './problem-lines.js'
import type { Style } from './style.js'

export interface PlanView extends SummaryWords {
  /** Of the walk, for the stages' titles and for what was only looked at; a stage that is missing shows its id. */
  readonly stages: readonly StageOutline[]
  readonly style: Style
  readonly verbosity: 'normal' | 'verbose'
}

/** Ends with a newline. The diff library is loaded only when a file changes. */
export const planText = async (plan: Plan, view: PlanView): Promise<string> => {
  const diffs = plan.entries.some((entry) => changesOf(entry).some(({ text, from }) => text && from !== null))
  const diff: LineDiff = diffs ? (await import('../text/line-diff.js')).lineDiff : () => []
  let byStep: Context['byStep'] | null = null
  const context: Context = {
    ...{ ...view, diff, noted: plan.entries.filter(isNoted) },
    hosts: [...new Set(plan.entries.map(({ host }) => host))],
    looked: new Set(view.stages.flatMap(({ stage, looks = [] }) => looks.map((host) => placeOf({ stage, host })))),
    get byStep() {
      return (byStep ??= new Map(
        [...groupBy(plan.entries, ({ step }) => step)].map(([step, all]) => [step, byHost(all)]),
      ))
    },
  }
  const sections: (readonly string[])[] = []
  await nextTurn()
  for (const section of sectionsOf(context)) {
    sections.push(section)
    await nextTurn()
  }
  const done: Plan = { entries: plan.entries.filter((entry) => !context.looked.has(placeOf(entry))) }
  await nextTurn()
  const summary = view.style.bold(summaryLine(summarise(done), view))
  return [...sections.filter((lines) => lines.length > 0), [summary]].map((lines) => `${lines.join('\n')}\n`).join('\n')
}

/** A title that lists many tasks says less than the changes below it. */
const longTitle = 64

interface Context extends PlanView, ItemView {
  /** Entries that say more than that all is well. */
  readonly noted: readonly PlanEntry[]
  readonly hosts: readonly string[]
  /** Places of hosts in stages that --limit, --stage or --from leave as they are. */
  readonly looked: ReadonlySet<string>
  /** Made when something is unknown until a step is done. */
  readonly byStep: ReadonlyMap<string, ReadonlyMap<string, PlanEntry>>
}

/** One by one, for whoever has other things to do in between. */
function* sectionsOf(context: Context): Generator<readonly string[]> {
  yield problemSection(context)
  yield unreadableSection(context)
  yield notDoneSection(context)
  for (const [stage, entries] of groupBy(context.noted, ({ stage }) => stage))
    yield stageSection(context, { stage, entries })
  yield lookSection(context)
}

const placeOf = ({ stage, host }: { readonly stage: string; readonly host: string }): string => `${stage}/${host}`

/** In the order in which groups begin. */
const groupBy = <T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const same = groups.get(keyOf(one))
    if (same === undefined) groups.set(keyOf(one), [one])
    else same.push(one)
  }
  return groups
}

/** The first of each host. */
const byHost = (entries: readonly PlanEntry[]): ReadonlyMap<string, PlanEntry> => {
  const found = new Map<string, PlanEntry>()
  for (const entry of entries) if (!found.has(entry.host)) found.set(entry.host, entry)
  return found
}

const problemSection = ({ noted, hosts, style }: Context): readonly string[] => {
  const found = noted.flatMap(({ host, verdict }) =>
    'problems' in verdict ? verdict.problems.map((problem) => ({ host, problem })) : [],
  )
  return problemLines(found, { hosts, style })
}

const unreadableSection = ({ noted, hosts, style }: Context): readonly string[] => {
  const parts = noted.flatMap(({ host, title, verdict }): readonly Part[] => {
    if (verdict.kind === 'unreadable') return [{ host, lines: [`${title}: ${plainLine(verdict.why)}`] }]
    if (verdict.kind === 'failed') return [{ host, lines: failureLines(verdict.failure, { place: { title }, style }) }]
    return []
  })
  const lines = groupParts(parts, hosts).flatMap((block) => blockLines(block, { hosts, style }))
  return lines.length === 0 ? [] : [style.red(style.bold('Could not be read')), ...lines]
}

/** Due, and left as it is: it waits for a host that is away. */
const notDoneSection = ({ noted, hosts, style }: Context): readonly string[] => {
  const parts = noted.flatMap(({ host, title, verdict }): readonly Part[] =>
    verdict.kind === 'skipped' ? [{ host, lines: [`${title}: ${plainLine(verdict.why)}`] }] : [],
  )
  const lines = groupParts(parts, hosts).flatMap((block) => blockLines(block, { hosts, style }))
  return lines.length === 0 ? [] : [style.yellow(style.bold('Would not be done')), ...lines]
}

const stageSection = (
  context: Context,
  { stage, entries: all }: { readonly stage: string; readonly entries: readonly PlanEntry[] },
): readonly string[] => {
  const { stages, hosts, style, looked } = context
  const outline = stages.find((one) => one.stage === stage)
  const entries = all.filter((entry) => !looked.has(placeOf(entry)))
  const blocks = groupParts(mergeUnknown(entries, context), hosts)
  if (blocks.length === 0) return []
  const items = entries.flatMap((entry) => itemsOf(changesOf(entry))).length
  const unknown = entries.filter(({ verdict }) => verdict.kind === 'unknown').length
  const counts = [...(items > 0 ? [count(items, 'change')] : []), ...(unknown > 0 ? [`${unknown} unknown`] : [])]
  const title =
    outline === undefined || outline.title === stage || outline.title.length > longTitle ? '' : `: ${outline.title}`
  return [
    `${style.bold(style.cyan(stage))}${style.bold(title)} ${style.dim(`(${counts.join(', ')})`)}`,
    ...blocks.flatMap((block) => blockLines(block, { hosts, style })),
  ]
}

/** Neighbours that wait for the same step are one part. */
const mergeUnknown = (entries: readonly PlanEntry[], context: Context): readonly Part[] => {
  const parts: (Part & { readonly until?: string })[] = []
  for (const entry of entries) {
    const { host, verdict, title } = entry
    const last = parts.at(-1)
    if (verdict.kind === 'unknown') {
      const until = `unknown until ${untilWords(entry, { until: verdict.until, context })}`
      const line = `    ${context.style.yellow('?')} ${title}`
      if (last?.host === host && last.until === until)
        parts[parts.length - 1] = { ...last, lines: [...last.lines, line] }
      else parts.push({ host, until, lines: [context.style.yellow(until), line] })
    } else if ('changes' in verdict) parts.push({ host, lines: entryLines(entry, context) })
  }
  return parts
}

const untilWords = (
  { host }: PlanEntry,
  { until, context }: { readonly until: string; readonly context: Context },
): string => {
  const found = context.byStep.get(until)
  const own = found?.get(host)
  if (own) return `"${own.title}" is done`
  const [first] = found?.values() ?? []
  return first ? `"${first.title}" is done on ${first.host}` : `${until} is done`
}

/** A step with one change is told by the change; with more, or where the cluster changes, its title stands above. */
const entryLines = (entry: PlanEntry, context: Context): readonly string[] => {
  const items = itemsOf(changesOf(entry))
  const lines = items.flatMap((item) => itemLines(item, context))
  const titled = items.length > 1 || items.some(({ impact }) => impact === 'membership' || impact === 'api-gap')
  return titled ? [plainLine(entry.title), ...lines.map((line) => `  ${line}`)] : lines
}

const blockLines = (
  block: { readonly hosts: readonly string[]; readonly parts: readonly (readonly string[])[] },
  { hosts, style }: { readonly hosts: readonly string[]; readonly style: Style },
): readonly string[] => [
  `  ${style.bold(sayHosts(block.hosts, hosts))}`,
  ...block.parts.flatMap((lines) => lines.map((line) => `    ${line}`)),
]

/** What --limit, --stage or --from leave as it is: said, so that nobody believes it is done. */
const lookSection = ({ noted, looked, hosts, style }: Context): readonly string[] => {
  const left = noted.filter(
    (entry) => looked.has(placeOf(entry)) && ['would-change', 'unknown'].includes(entry.verdict.kind),
  )
  const lines = [...new Set(left.map(({ stage }) => stage))].map((stage) => {
    const entries = left.filter((entry) => entry.stage === stage)
    const on = new Set<string>(entries.map(({ host }) => host))
    const names = hosts.filter((host) => on.has(host))
    return `  ${stage}: ${count(entries.length, 'step')} on ${foldNames(names)}`
  })
  return lines.length === 0 ? [] : [style.bold('Left as it is (--limit, --stage or --from)'), ...lines]
}
