// What a plan's changes are for a reader: a file with its mode and owner is one thing, whatever number of changes it took.
import type { PlanEntry } from '../model/plan.js'
import type { Change, Impact } from '../model/step.js'

export interface Item {
  readonly path: string
  readonly kind: 'added' | 'changed' | 'removed'
  /** The main change; null: only attributes of it differ. */
  readonly main: Change | null
  /** Mode, owner and group of a file, hold of a package, boot and state of a unit, by name. */
  readonly attributes: readonly { readonly name: string; readonly change: Change }[]
  readonly impact: Impact
}

export const changesOf = ({ verdict }: PlanEntry): readonly Change[] => ('changes' in verdict ? verdict.changes : [])

export const itemsOf = (changes: readonly Change[]): readonly Item[] => {
  const groups = new Map<string, { readonly name: string | null; readonly change: Change }[]>()
  for (const change of changes) {
    const { path, name } = attributeOf(change.path)
    groups.set(path, [...(groups.get(path) ?? []), { name, change }])
  }
  return [...groups].map(([path, parts]) => {
    const main = parts.find(({ name }) => name === null)?.change ?? null
    const attributes = parts.flatMap(({ name, change }) => (name === null ? [] : [{ name, change }]))
    const impact = impacts.find((one) => parts.some(({ change }) => change.impact === one)) ?? 'none'
    return { path, kind: main === null ? 'changed' : kindOf(main), main, attributes, impact }
  })
}

/** The strongest first. */
const impacts: readonly Impact[] = ['api-gap', 'membership', 'restart', 'reload']

const kindOf = ({ from, to }: Change): Item['kind'] => (from === null ? 'added' : to === null ? 'removed' : 'changed')

/** Paths of changes that are an aspect of a thing: `/etc/hosts mode`, `package kubeadm hold`, `unit haproxy boot`. */
const aspects = [
  /^(\/.*) (mode|owner|group)$/,
  /^(package \S+) (hold)$/,
  /^(unit \S+) (boot|state|configuration)$/,
] as const

const attributeOf = (path: string): { readonly path: string; readonly name: string | null } => {
  for (const aspect of aspects) {
    const [, thing, name] = aspect.exec(path) ?? []
    if (thing !== undefined && name !== undefined) return { path: thing, name }
  }
  return { path, name: null }
}
