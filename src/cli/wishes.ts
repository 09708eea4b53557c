// What a command wishes beside the inventory where nobody said anything.
import type { Wishes } from '../model/playbook.js'

export const noWishes = (snapshots: string): Wishes => ({
  ...{ named: 'all', remove: 'own files', drain: 'careful', quorum: 'keep' },
  snapshots,
})
