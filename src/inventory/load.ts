// The inventory file → Inventory, or every mistake in it at once. Nothing is connected to over SSH.
import type { Diagnostic } from '../model/diagnostic.js'
import type { Inventory } from '../model/inventory.js'
import { inSlices, nextTurn } from '../model/pieces.js'
import { readingYaml } from '../text/yaml.js'
import { buildInventory } from './build.js'
import { checkAll } from './check.js'
import { mentionedHosts } from './hosts.js'
import { locate, type Source } from './locate.js'
import type { Problem } from './problem.js'
import { givenText, readText } from './read-text.js'
import { resolveAll } from './resolve.js'
import { documentProblems } from './document.js'
import { checkShape } from './shape.js'
import type { Surroundings } from './surroundings.js'

export type Loaded =
  /** Warnings only. */
  | { readonly inventory: Inventory; readonly diagnostics: readonly Diagnostic[] }
  /** At least one error; warnings stand among them. */
  | { readonly inventory: null; readonly diagnostics: readonly Diagnostic[] }

export const loadInventory = async (surroundings: Surroundings): Promise<Loaded> => {
  const read = surroundings.text === undefined ? await readText(surroundings.file) : givenText(surroundings.text)
  if ('diagnostic' in read) return { inventory: null, diagnostics: [read.diagnostic] }
  const yaml = await inSlices(readingYaml(read.text))
  const source: Source = { file: surroundings.file, text: read.text, yaml }
  const refuse = (problems: readonly Problem[]) => ({ inventory: null, diagnostics: locate(source, problems) })

  const unreadable = documentProblems(yaml)
  if (unreadable !== null) return refuse(unreadable)
  // The steps of a thousand hosts, each in a turn of its own.
  await nextTurn()
  const { problems: shape, draft, whole } = checkShape(yaml)
  await nextTurn()
  const { mentions, problems: ranges } = mentionedHosts(draft)
  const checked = await checkAll(surroundings, { draft, mentions })
  const problems = withoutEchoes([...shape, ...ranges, ...checked])
  if (whole === null || yaml.mistakes.length > 0 || problems.some(isError)) return refuse(problems)

  const resolved = await resolveAll(surroundings, { whole, mentions })
  if ('problems' in resolved) return refuse([...problems, ...resolved.problems])
  await nextTurn()
  return {
    inventory: buildInventory(surroundings, { whole, mentions, ...resolved }),
    diagnostics: locate(source, problems),
  }
}

/** What follows from a mistake alone: a key that seems to be missing because it was misspelt; a warning about a broken part. */
const withoutEchoes = (problems: readonly Problem[]): readonly Problem[] => {
  const meant = new Set(problems.map((problem) => problem.meant?.join('.')))
  const wrong = new Set(problems.filter(isError).map(({ path }) => path.join('.')))
  return problems.filter((problem) => {
    const path = problem.path.join('.')
    return !meant.has(path) && (isError(problem) || !wrong.has(path))
  })
}

const isError = ({ severity }: Problem): boolean => severity === 'error'
