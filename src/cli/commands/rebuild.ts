// khactl remove --rebuild-etcd-from-one-survivor: etcd goes on alone first, then the dead are removed as ever.
import { exitCodes } from '../../model/error.js'
import { confirmName } from '../confirm-name.js'
import type { Io } from '../io.js'
import { changeMembership } from '../membership.js'
import { remove, type Remove } from './remove.js'

export interface Rebuild extends Remove {
  /** The cluster's name, typed in advance; null: it is asked for. */
  readonly confirm: string | null
}

/** Two runs, each with a plan of its own: the second can only be planned once the cluster answers again. */
export const rebuild = async (of: Rebuild, io: Io): Promise<number> => {
  const { options, hosts, confirm } = of
  const names = hosts.join(', ')
  let consent = options.consent
  const code = await changeMembership({
    ...{ options, io, playbook: 'rebuild', named: () => hosts, file: { manner: 'write' } },
    edits: () => hosts.map((host) => ({ kind: 'mark-absent', host, state: 'dead' })),
    wishes: { quorum: 'rebuild' },
    consent: async (run) => {
      const reply = await confirmName(`${names} must never come back. Then they are removed, with a plan of its own.`, {
        ...{ io, signal: run.signal, name: run.survey.inventory.cluster.name, given: confirm },
      })
      if (reply === 'yes') consent = 'given'
      return reply
    },
  })
  if (code === exitCodes.changes) io.stderr.write(`Then ${names} would be removed, with a plan of its own.\n`)
  return code === exitCodes.ok ? remove({ ...of, options: { ...options, consent } }, io) : code
}
