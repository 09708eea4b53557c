// The entries of the three lists with their ranges expanded: one mention for each host and list.
import type { Role } from '../model/inventory.js'
import { mistake, type Problem } from './problem.js'
import { expandRange } from './range.js'
import { addressFault, ipv4Fault } from './schema/addresses.js'
import type { HostEntry } from './schema/host.js'
import { lists, type ListName } from './schema/inventory.js'
import type { YamlPath } from '../text/yaml.js'
import type { DeepPartial, Draft } from './shape.js'

/** A host as one list mentions it. What was wrong in the file is null. */
export interface Mention {
  readonly list: ListName
  readonly role: Role
  readonly path: YamlPath
  readonly name: string | null
  readonly address: string | null
  /** As given; null: not given, or wrong. */
  readonly nodeIP: string | null
  readonly entry: DeepPartial<HostEntry>
}

/** Marked `state: absent` or `state: dead`. */
export const isLeaving = ({ entry }: Pick<Mention, 'entry'>): boolean =>
  entry.state === 'absent' || entry.state === 'dead'

const roles: Readonly<Record<ListName, Role>> = { haproxy: 'haproxy', masters: 'master', workers: 'worker' }
const fields = ['name', 'address', 'nodeIP'] as const

export interface Mentions {
  readonly mentions: readonly Mention[]
  readonly problems: readonly Problem[]
}

export const mentionedHosts = (draft: Draft): Mentions => {
  const all = lists.flatMap((list) =>
    (draft[list] ?? []).map((entry, index) => expand({ list, index, entry: entry ?? {} })),
  )
  return { mentions: all.flatMap((one) => one.mentions), problems: all.flatMap((one) => one.problems) }
}

const expand = ({ list, index, entry }: { list: ListName; index: number; entry: DeepPartial<HostEntry> }): Mentions => {
  const path = [list, index]
  const common = { list, role: roles[list], path, entry }
  const ranges = fields.map((field) => ({ field, given: entry[field], range: expandRange(entry[field] ?? '') }))
  const faults = ranges.flatMap(({ field, range }) =>
    range.kind === 'fault'
      ? [mistake('range', { path: [...path, field], message: range.message, hint: range.hint })]
      : [],
  )
  if (faults.length > 0) return { mentions: [], problems: faults }
  const lengths = ranges.flatMap(({ field, range }) =>
    range.kind === 'range' ? [{ field, length: range.values.length }] : [],
  )
  const unequal = lengths.length === 0 ? [] : unequalRanges({ path, ranges, lengths })
  if (unequal.length > 0) return { mentions: [], problems: unequal }
  const value = (at: number, field: (typeof fields)[number]) => {
    const range = expandRange(entry[field] ?? '')
    return range.kind === 'range' ? (range.values[at] ?? null) : (entry[field] ?? null)
  }
  const mentions = Array.from({ length: lengths[0]?.length ?? 1 }, (_, at) => ({
    ...common,
    name: value(at, 'name'),
    address: value(at, 'address'),
    nodeIP: value(at, 'nodeIP'),
  }))
  const outside = lengths.length === 0 ? [] : mentions.flatMap(badMember).slice(0, 1)
  return outside.length > 0 ? { mentions: [], problems: outside } : { mentions, problems: [] }
}

interface Lengths {
  readonly path: YamlPath
  readonly ranges: readonly {
    readonly field: string
    readonly given: string | undefined
    readonly range: { readonly kind: string }
  }[]
  readonly lengths: readonly { readonly field: string; readonly length: number }[]
}

const unequalRanges = ({ path, ranges, lengths }: Lengths): readonly Problem[] => {
  const single = ranges.find(({ given, range }) => given !== undefined && range.kind === 'single')
  const [first, ...others] = lengths
  if (first === undefined) return []
  if (single !== undefined) {
    const message = `\`${single.field}\` has no range, but \`${first.field}\` stands for ${first.length} hosts`
    return [
      mistake('range', {
        path: [...path, single.field],
        message,
        hint: `Give it a range of ${first.length} too, or write single entries.`,
      }),
    ]
  }
  const other = others.find(({ length }) => length !== first.length)
  if (other === undefined) return []
  const message = `\`${first.field}\` stands for ${first.length} hosts and \`${other.field}\` for ${other.length}`
  return [
    mistake('range', { path: [...path, other.field], message, hint: 'Both ranges have to be of the same length.' }),
  ]
}

/** A range may leave the allowed numbers: 10.0.0.[250:260]. */
const badMember = ({ path, address, nodeIP }: Mention): readonly Problem[] => {
  const checks = [
    { field: 'address', fault: address === null ? null : addressFault(address) },
    { field: 'nodeIP', fault: nodeIP === null ? null : ipv4Fault(nodeIP) },
  ]
  return checks.flatMap(({ field, fault }) =>
    fault === null
      ? []
      : [mistake('range', { path: [...path, field], message: `In this range, ${fault.message}`, hint: fault.hint })],
  )
}
