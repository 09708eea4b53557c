// Holds the file's value against the schema: problems, and a draft without the broken parts for the checks that follow.
import type * as z from 'zod'
import type { YamlFile, YamlPath } from '../text/yaml.js'
import type { Problem } from './problem.js'
import { inventoryFile, type InventoryFile } from './schema/inventory.js'
import { issueProblems } from './shape-problems.js'

/** The inventory as far as it was right; a list keeps its places. */
export type Draft = DeepPartial<InventoryFile>
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T

export interface Shape {
  readonly problems: readonly Problem[]
  readonly draft: Draft
  /** null when there is any problem. */
  readonly whole: InventoryFile | null
}

export const checkShape = (yaml: YamlFile): Shape => {
  const value = withoutNulls(yaml.value)
  const parsed = inventoryFile.safeParse(value)
  if (parsed.success) return { problems: [], draft: parsed.data, whole: parsed.data }
  const issues = parsed.error.issues.flatMap(chosenBranch)
  const draft = issues.reduce<unknown>(
    (rest, issue) => brokenPaths(issue).reduce<unknown>((left, path) => without(left, path), rest),
    value,
  )
  const problems = issues.flatMap((issue) => issueProblems({ issue, value, yaml }))
  return { problems, draft: isMapping(draft) ? draft : {}, whole: null }
}

type Issue = z.core.$ZodIssue

/** Of a union's branches, the one the operator meant: whose own type fits; its issues take the union's path. */
const chosenBranch = (issue: Issue): readonly Issue[] => {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  )
  return meant === undefined
    ? [issue]
    : meant.flatMap((inner) => chosenBranch({ ...inner, path: [...issue.path, ...inner.path] }))
}

const brokenPaths = (issue: Issue): readonly YamlPath[] => {
  const path = issue.path as YamlPath
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A key without a value is a key that is not given, except in settings that are passed on. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isMapping(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, key.endsWith('Configuration') ? part : withoutNulls(part)]),
  )
}

const without = (value: unknown, [first, ...rest]: YamlPath): unknown => {
  if (first === undefined) return undefined
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === first ? without(item, rest) : item))
  if (!isMapping(value) || !(first in value)) return value
  const { [first]: inner, ...others } = value
  return rest.length === 0 ? others : { ...others, [first]: without(inner, rest) }
}
