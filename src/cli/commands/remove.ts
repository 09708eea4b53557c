// khactl remove: hosts leave the cluster, and the inventory.
import { changeMembership } from '../membership.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'

export interface Remove {
  readonly options: RunOptions
  readonly hosts: readonly string[]
  /** `dead`: gone for good; nothing is done on the host, after proof that it does not answer. */
  readonly manner: 'absent' | 'dead'
  readonly drain: 'careful' | 'despite losses'
  readonly remove: 'own files' | 'packages'
}

export const remove = ({ options, hosts, manner, drain, remove: removes }: Remove, io: Io): Promise<number> =>
  changeMembership({
    ...{ options, io, playbook: 'remove', named: () => hosts, file: { manner: 'write' } },
    edits: () => hosts.map((host) => ({ kind: 'mark-absent', host, state: manner })),
    wishes: { drain, remove: removes },
  })
