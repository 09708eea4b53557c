// A scope for tasks in unit tests: one host of an inventory, nothing observed, nothing to move, unless told otherwise.
import type { Host, Inventory } from '../../src/model/inventory.js'
import type { Entries, Scope, Wishes } from '../../src/model/playbook.js'

export const wishes: Wishes = {
  named: 'all',
  remove: 'own files',
  drain: 'careful',
  quorum: 'keep',
  snapshots: '/home/ops/.local/state/khactl/snapshots',
}

export const entries: Entries = { file: '/home/ops/inventory.yaml', without: (text) => text }

export const scopeOf = (of: Partial<Scope> & { readonly inventory: Inventory; readonly host: Host }): Scope => ({
  observed: new Map(),
  moves: [],
  founder: null,
  view: null,
  wishes,
  entries,
  ...of,
})
