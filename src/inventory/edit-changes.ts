// One edit → the changes of single entries that make it, and what each change means for the file's value.
import { suggest } from '../text/suggest.js'
import type { PlainMapping } from '../text/yaml-append.js'
import type { EntryAt, Scalars } from '../text/yaml-edit.js'
import { cannotEdit } from './edit-error.js'
import type { Edit, NewHost } from './edit-kinds.js'
import { expandRange } from './range.js'
import { rangePiece } from './range-piece.js'
import { lists, type ListName } from './schema/inventory.js'

type Value = Readonly<Record<string, unknown>>

export type Change =
  | { readonly kind: 'append'; readonly list: ListName; readonly value: PlainMapping }
  | (EntryAt & { readonly kind: 'split'; readonly pieces: readonly Scalars[] })
  | (EntryAt & { readonly kind: 'mark'; readonly state: 'absent' | 'dead' })
  | (EntryAt & { readonly kind: 'remove' })

type Entry = Readonly<Record<string, unknown>>

/** A host as one entry has it. */
interface Place {
  readonly list: ListName
  readonly index: number
  readonly entry: Entry
  /** Its place in the entry's range. */
  readonly at: number
  readonly size: number
}

/** What the value of the file becomes. */
export const changed = (value: Value, change: Change): Value => {
  const entries = entriesOf(value, change.list)
  if (change.kind === 'append') return { ...value, [change.list]: [...entries, change.value] }
  const { index } = change
  const entry = entries[index] as Entry
  const by = {
    split: () => (change.kind === 'split' ? change.pieces.map((piece) => ({ ...entry, ...piece })) : []),
    mark: () => (change.kind === 'mark' ? [{ ...entry, state: change.state }] : []),
    remove: () => [],
  }[change.kind]()
  return { ...value, [change.list]: [...entries.slice(0, index), ...by, ...entries.slice(index + 1)] }
}

/** From the end of the file to its start, so that no change moves the entries of the next one. */
export const changesOf = (value: Value, edit: Edit): readonly Change[] => {
  if (edit.kind === 'add') return adding(value, edit)
  const places = placesOf(value, edit.host)
  if (edit.kind === 'forget') {
    return places.filter(isLeaving).toReversed().flatMap(forgetting)
  }
  const meant = places.filter(({ list }) => edit.list === undefined || list === edit.list)
  if (meant.length === 0) throw unknownHost(value, edit)
  return meant
    .filter((place) => (edit.state === undefined ? !isLeaving(place) : place.entry['state'] !== edit.state))
    .toReversed()
    .flatMap((place) => marking(place, edit.state ?? 'absent'))
}

const isLeaving = ({ entry }: Place): boolean => entry['state'] === 'absent' || entry['state'] === 'dead'

const adding = (value: Value, { list, host }: Extract<Edit, { kind: 'add' }>): readonly Change[] => {
  const there = placesOf(value, host.name)
  const other = there.find((place) => told(place, 'address') !== host.address)
  if (other !== undefined) {
    throw cannotEdit(`${host.name} is in \`${other.list}\` already, with the address ${told(other, 'address')}`, {
      hint: `Name it with that address, or give the new host a name of its own.`,
    })
  }
  const same = there.find((place) => place.list === list)
  if (same === undefined) return [{ kind: 'append', list, value: entryOf(host) }]
  if (!isLeaving(same)) return []
  throw cannotEdit(
    `${host.name} is marked \`state: ${String(same.entry['state'])}\` in \`${list}\`: it is still to be removed`,
    {
      hint: 'Let `khactl up` finish that first; or take `state:` out of its entry when it shall stay.',
    },
  )
}

/** In the order in which inventories are usually written; what is not given is left out. */
const entryOf = (host: NewHost): PlainMapping => {
  const order = ['name', 'address', 'nodeIP', 'interface', 'labels', 'taints', 'ssh'] as const
  return Object.fromEntries(order.flatMap((key) => (host[key] === undefined ? [] : [[key, host[key]]]))) as PlainMapping
}

const marking = (place: Place, state: 'absent' | 'dead'): readonly Change[] => {
  const { list, index, at, size } = place
  if (size === 1) return [{ kind: 'mark', list, index, state }]
  // What stays comes first where nothing is in front: a comment above the entry is about the ones that stay.
  const parts = [...before(place), [at, at] as const, ...after(place)]
  const ordered = at === 0 ? [...after(place), [at, at] as const] : parts
  return [split(place, ordered), { kind: 'mark', list, index: index + 1, state }]
}

const forgetting = (place: Place): readonly Change[] => {
  const { list, index, size } = place
  return size === 1 ? [{ kind: 'remove', list, index }] : [split(place, [...before(place), ...after(place)])]
}

type Part = readonly [number, number]
const before = ({ at }: Place): readonly Part[] => (at === 0 ? [] : [[0, at - 1]])
const after = ({ at, size }: Place): readonly Part[] => (at === size - 1 ? [] : [[at + 1, size - 1]])

const split = ({ list, index, entry }: Place, parts: readonly Part[]): Change => ({
  ...{ kind: 'split', list, index },
  pieces: parts.map((part) =>
    Object.fromEntries(
      ['name', 'address', 'nodeIP'].flatMap((key) => {
        const value = entry[key]
        return typeof value === 'string' ? [[key, rangePiece(value, part)]] : []
      }),
    ),
  ),
})

const placesOf = (value: Value, host: string): readonly Place[] =>
  lists.flatMap((list) =>
    entriesOf(value, list).flatMap((item, index) => {
      const entry = (typeof item === 'object' && item !== null ? item : {}) as Entry
      const names = namesOf(entry)
      const at = names.indexOf(host)
      return at === -1 ? [] : [{ list, index, entry, at, size: names.length }]
    }),
  )

/** Lists in which a host stands. */
export const listsNaming = (value: Value, host: string): readonly ListName[] =>
  placesOf(value, host).map(({ list }) => list)

const entriesOf = (value: Value, list: string): readonly unknown[] => {
  const entries = value[list]
  return Array.isArray(entries) ? entries : []
}

const namesOf = ({ name }: Entry): readonly string[] => {
  if (typeof name !== 'string') return []
  const range = expandRange(name)
  return range.kind === 'range' ? range.values : [name]
}

const told = ({ entry, at }: Place, key: string): string => {
  const value = entry[key]
  return typeof value === 'string' ? rangePiece(value, [at, at]) : String(value)
}

const unknownHost = (value: Value, { host, list }: Extract<Edit, { kind: 'mark-absent' }>) => {
  const names = lists
    .filter((one) => list === undefined || one === list)
    .flatMap((one) => entriesOf(value, one).flatMap((entry) => namesOf((entry ?? {}) as Entry)))
  const near = suggest(host, names)
  const where = list === undefined ? 'the inventory' : `\`${list}\``
  return cannotEdit(`${host} does not stand in ${where}`, {
    hint: near === null ? `The hosts there are: ${names.join(', ')}.` : `Did you mean ${near}?`,
  })
}
