// A benchmark's outcome as a person reads it, and as a file that is kept.
import type { Figure, Outcome, Table } from './bench.js'
import { linesOf, type Line } from './statistics.js'

export interface Machine {
  readonly cpus: number
  readonly node: string
  /** Load average of the last minute, before and after: what else was going on. */
  readonly loadBefore: number
  readonly loadAfter: number
}

const ms = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(value < 100 ? 1 : 0))
const times = (value: number): string => (Number.isNaN(value) ? '–' : `${value.toFixed(2)}×`)

export const tableText = (table: Table): string => {
  const lines = linesOf(table)
  const head = ['', 'median ms', 'min ms', 'CPU ms', 'ratio', 'of min', 'of CPU']
  const rows = lines.map((line) => [
    line.name,
    ms(line.medianMs),
    ms(line.minMs),
    ms(line.cpuMs),
    times(line.ratio),
    times(line.minRatio),
    times(line.cpuRatio),
  ])
  const raw = table.standings.map(
    ({ name, samples }) => `  ${name}: ${samples.map(({ wallMs }) => ms(wallMs)).join(' ')}`,
  )
  return [`${table.title}; ratios to: ${table.reference}`, ...aligned([head, ...rows]), 'raw, ms:', ...raw].join('\n')
}

const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

const figureText = ({ name, value, unit, gate }: Figure): string =>
  `${name}: ${Number.isInteger(value) ? value : value.toFixed(2)} ${unit}${gate === undefined ? '' : ` (gate: ${gate})`}`

export const outcomeText = ({ tables, figures = [], notes = [] }: Outcome): string =>
  [...tables.map(tableText), figures.map(figureText).join('\n'), notes.map((note) => `note: ${note}`).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n')

/** Whole numbers of tenths: the file is read by people, too. */
const round = (value: number): number => Math.round(value * 10) / 10
const ratio = (value: number): number | undefined => (Number.isNaN(value) ? undefined : Math.round(value * 1000) / 1000)

export const outcomeJson = (
  bench: { readonly name: string; readonly title: string; readonly date: string; readonly machine: Machine },
  { tables, figures = [], notes = [] }: Outcome,
): string => {
  const tableJson = (table: Table) => ({
    title: table.title,
    reference: table.reference,
    contestants: linesOf(table).map((line, index) => contestantJson(line, table.standings[index]?.samples ?? [])),
  })
  return `${JSON.stringify({ ...bench, tables: tables.map(tableJson), figures, notes }, null, 1).replace(/\[\s+(?=-?\d)([^\]]*?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`
}

const contestantJson = (line: Line, samples: Table['standings'][number]['samples']) => ({
  name: line.name,
  medianMs: round(line.medianMs),
  minMs: round(line.minMs),
  ratio: ratio(line.ratio),
  minRatio: ratio(line.minRatio),
  cpuRatio: ratio(line.cpuRatio),
  wallMs: samples.map(({ wallMs }) => round(wallMs)),
  cpuMs: samples.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [round(cpuMs)])),
})
