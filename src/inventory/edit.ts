// Edits of the inventory's text: hosts added, marked absent, forgotten. Everything else in the file keeps every byte.
import { isDeepStrictEqual } from 'node:util'
import { readYaml } from '../text/yaml.js'
import { appendEntry } from '../text/yaml-append.js'
import { multiply, removeEntry, setField } from '../text/yaml-edit.js'
import { cannotEdit } from './edit-error.js'
import { changesOf, changed, listsNaming, type Change } from './edit-changes.js'
import type { Edit, NewHost } from './edit-kinds.js'
import type { ListName } from './schema/inventory.js'

export type { Edit, NewHost }

/** Throws KhactlError `inventory.edit`. An edit that is there already changes nothing. */
export const editInventory = (text: string, edits: readonly Edit[]): string => {
  const [mark, body] = text.startsWith('\uFEFF') ? ['\uFEFF', text.slice(1)] : ['', text]
  return mark + edits.reduce(editOnce, body)
}

/** Lists in which the host stands; none: it is not there. */
export const listsOf = (text: string, host: string): readonly ListName[] => listsNaming(valueOf(text), host)

const editOnce = (text: string, edit: Edit): string =>
  changesOf(valueOf(text), edit).reduce((before, change) => {
    const after = written(before, change)
    // A wrong file would be taken for what the operator wants: the result has to mean exactly what was meant.
    if (after === null || !isDeepStrictEqual(safeValue(after), changed(valueOf(before), change))) {
      throw cannotEdit(`\`${change.list}\` is written in a way that khactl cannot edit`, {
        hint: 'Anchors, aliases and tags are usually in the way: write the values out, or edit the file yourself.',
      })
    }
    return after
  }, text)

const written = (text: string, change: Change): string | null => {
  switch (change.kind) {
    case 'append':
      return appendEntry(text, change)
    case 'split':
      return multiply(text, change)
    case 'mark':
      return setField(text, { ...change, key: 'state', value: change.state })
    case 'remove':
      return removeEntry(text, change)
  }
}

type Value = Readonly<Record<string, unknown>>

const valueOf = (text: string): Value => {
  const value = safeValue(text)
  if (value !== null) return value
  throw cannotEdit('The inventory cannot be edited while it cannot be read', {
    hint: '`khactl validate FILE` shows what is wrong with it.',
  })
}

const safeValue = (text: string): Value | null => {
  const { value, mistakes } = readYaml(text)
  const readable = mistakes.length === 0 && typeof value === 'object' && value !== null && !Array.isArray(value)
  return readable ? (value as Value) : null
}
