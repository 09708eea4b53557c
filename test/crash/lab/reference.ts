// An uninterrupted life of the same cluster: how long its steps take, and how everything stands after each command.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Lab } from '../../e2e/support/lab.js'
import { cacheRoot } from '../../lab/paths.js'
import { endState, faultsOf, keepState, loadState, type EndState } from './end-state.js'
import type { Scenario, ScenarioName } from './scenario.js'

export interface Reference {
  /** Milliseconds of a step's change, by its id, the shortest of all hosts. */
  readonly took: ReadonlyMap<string, number>
  readonly state: EndState
}

const root = resolve(import.meta.dirname, '../../..')

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()

/** Of the code that decides how a cluster ends up. */
const digest = (): string => {
  const hash = createHash('sha256')
  for (const folder of ['src', 'playbooks', 'test/lab'])
    for (const file of filesBelow(join(root, folder))) hash.update(file).update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

const folderOf = (name: string, profile: string): string => join(cacheRoot, 'crash', `${name}-${profile}-${digest()}`)

export const loadReference = (
  of: { readonly name: string; readonly profile: string },
  scenario: ScenarioName,
): Reference | null => {
  const folder = folderOf(of.name, of.profile)
  const state = loadState(join(folder, `${scenario}.state.json`))
  const file = join(folder, `${scenario}.took.json`)
  if (state === null || !existsSync(file)) return null
  return { state, took: new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, number][]) }
}

/** Runs a scenario to its end and keeps what it showed. */
export const makeReference = async (
  lab: Lab,
  { name, profile, scenario }: { readonly name: string; readonly profile: string; readonly scenario: Scenario },
): Promise<void> => {
  await scenario.prepare(lab)
  const { status, stdout, stderr } = await lab.khactl(...scenario.first, '--yes', '--json')
  if (status !== 0) throw new Error(`khactl ${scenario.first.join(' ')}: exit status ${status}\n${stderr}`)
  const wrong = await faultsOf(lab, 'once')
  if (wrong.length > 0) throw new Error(`an uninterrupted run does not end well:\n${wrong.join('\n')}`)
  const folder = folderOf(name, profile)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${scenario.name}.took.json`), JSON.stringify([...tookIn(stdout)]))
  keepState(join(folder, `${scenario.name}.state.json`), await endState(lab))
}

interface Line {
  readonly at: string
  readonly type: string
  readonly host: string
  readonly step: string
}

const tookIn = (text: string): ReadonlyMap<string, number> => {
  const begun = new Map<string, number>()
  const took = new Map<string, number>()
  for (const line of text.split('\n').filter((one) => one.startsWith('{'))) {
    const { at, type, host, step } = JSON.parse(line) as Line
    const name = `${host} ${step}`
    if (type === 'step-applying') begun.set(name, Date.parse(at))
    const from = begun.get(name)
    if (type !== 'step-ended' || from === undefined) continue
    took.set(step, Math.min(Date.parse(at) - from, took.get(step) ?? Infinity))
    begun.delete(name)
  }
  return took
}
