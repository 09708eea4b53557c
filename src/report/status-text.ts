// A status on one screen: a line an area while all is well, and below it what is wrong and what to do.
import { count, listed } from '../text/say.js'
import { table } from '../text/table.js'
import { wrap } from '../text/width.js'
import type { Style } from './style.js'
import type { Area, StatusProblem } from './status-area.js'
import { problemsIn, type StatusView } from './status-view.js'

interface Shown {
  readonly style: Style
  /** Of the terminal. */
  readonly columns: number
}

/** Lines longer than this are hard to read, however wide the terminal. */
const widest = 120
const margin = 16

/** Ends with a newline. */
export const statusText = (view: StatusView, { style, columns }: Shown): string => {
  const width = Math.max(40, Math.min(columns, widest))
  const lines = Object.values(view.areas).flatMap((area) => areaLines(area, { style, columns: width }))
  return `${[style.bold(headline(view)), ...lines].join('\n')}\n`
}

const headline = (view: StatusView): string => {
  const told = problemsIn(view.areas).filter(({ follows }) => follows === null)
  const failures = told.filter(({ level }) => level === 'failure').length
  const warnings = told.filter(({ level }) => level === 'warning').length
  const parts = [
    ...(failures > 0 ? [count(failures, 'problem')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  if (parts.length > 0) return `${view.cluster}: ${listed(parts)}`
  const { hosts } = view.areas
  if (hosts.data.every(({ state }) => state === 'fresh' || state === 'reached'))
    return `${view.cluster}: no cluster yet`
  return view.exit === 'changes'
    ? `${view.cluster}: well, but not all as the inventory says`
    : `${view.cluster}: all is well`
}

const areaLines = (area: Area, { style, columns }: Shown): readonly string[] => {
  const sign = signOf(area.problems, style)
  const [first = '', ...rest] = wrap(area.summary, columns - margin)
  const told = area.problems.filter(({ follows }) => follows === null)
  return [
    `${sign} ${area.title.padEnd(margin - 3)} ${first}`,
    ...rest.map((line) => `${' '.repeat(margin)}${line}`),
    ...table(area.table).map((line) => `${' '.repeat(margin)}${style.dim(line)}`),
    ...told.flatMap((problem) => problemLines(problem, { style, columns })),
  ]
}

const signOf = (problems: readonly StatusProblem[], style: Style): string => {
  const has = (level: StatusProblem['level']): boolean => problems.some((problem) => problem.level === level)
  return has('failure')
    ? style.red('✗')
    : has('warning')
      ? style.yellow('!')
      : has('change')
        ? style.cyan('~')
        : style.green('✓')
}

const problemLines = ({ level, where, what, hint }: StatusProblem, { style, columns }: Shown): readonly string[] => {
  const tone = { failure: style.red, warning: style.yellow, change: style.cyan }[level]
  const [first = '', ...rest] = wrap(where === '' ? what : `${where}: ${what}`, columns - 6)
  return [
    `    ${tone({ failure: '✗', warning: '!', change: '~' }[level])} ${first}`,
    ...rest.map((line) => `      ${line}`),
    ...wrap(hint, columns - 8).map((line, index) => `      ${style.dim(`${index === 0 ? '→' : ' '} ${line}`)}`),
  ]
}
