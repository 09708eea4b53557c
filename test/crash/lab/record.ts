// What earlier slices tried, so that the next takes what is left; a round that is complete begins anew.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheRoot } from '../../lab/paths.js'
import { nameOf } from '../point.js'
import { neverTried, reportText, type Report } from '../report.js'

interface Of {
  readonly profile: string
  readonly scenario: string
  readonly fault: string
}

const fileOf = ({ profile, scenario, fault }: Of): string =>
  join(cacheRoot, 'crash', 'reports', `${scenario}-${fault}-${profile}.json`)

/** Of the round that is under way; null: a new one begins. */
export const loadRound = (of: Of): Report | null => {
  if (!existsSync(fileOf(of))) return null
  const report = JSON.parse(readFileSync(fileOf(of), 'utf8')) as Report
  return neverTried(report).length === 0 || report.lost.length > 0 ? null : report
}

/** Both rounds' points, by name; what the later says of one counts. */
export const joined = (earlier: Report | null, later: Report): Report => {
  if (earlier === null) return later
  const now = new Set([...later.survived, ...later.lost].map(({ point }) => nameOf(point)))
  const found = new Map([...earlier.found, ...later.found].map((point) => [nameOf(point), point]))
  return {
    ...later,
    found: [...found.values()],
    survived: [...earlier.survived.filter(({ point }) => !now.has(nameOf(point))), ...later.survived],
  }
}

/** Where it was written: JSON, and the same as text beside it. */
export const keepRound = (of: Of, report: Report): string => {
  const file = fileOf(of)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`)
  writeFileSync(file.replace(/json$/, 'txt'), `${reportText(report)}\n`)
  return file
}
