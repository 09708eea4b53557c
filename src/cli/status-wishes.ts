// What khactl status wishes beside the inventory: nothing.
import type { Wishes } from '../model/playbook.js'

export const statusWishes = (snapshots: string): Wishes => ({
  ...{ named: 'all', remove: 'own files', drain: 'careful', quorum: 'keep' },
  snapshots,
})
