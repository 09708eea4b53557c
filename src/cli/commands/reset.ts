// khactl reset: a cluster, or hosts that are no part of one, give back what khactl put there; its name is typed first.
import { KhactlError } from '../../model/error.js'
import type { HostName } from '../../model/host.js'
import type { Wishes } from '../../model/playbook.js'
import { resetFault } from '../../model/resetting.js'
import { planThenApply } from '../apply.js'
import { confirmName } from '../confirm-name.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { withRun, type Run } from '../run.js'

export interface Reset {
  readonly options: RunOptions
  /** Empty: the whole cluster. */
  readonly hosts: readonly string[]
  readonly remove: Wishes['remove']
  /** The cluster's name as --confirm gave it; null: it is asked for. */
  readonly confirm: string | null
}

export const reset = ({ options, hosts, remove, confirm }: Reset, io: Io): Promise<number> => {
  const named = hosts.length === 0 ? 'all' : (hosts as readonly HostName[])
  return withRun({ options, io, playbook: 'reset', wishes: { named, remove } }, (run) => {
    const { name } = run.survey.inventory.cluster
    refuse(run, named)
    const consent = () => confirmName('This cannot be undone.', { io, signal: run.signal, name, given: confirm })
    return planThenApply(run, { io, consent })
  })
}

const refuse = ({ survey }: Run, named: Wishes['named']): void => {
  const { inventory, observed, view } = survey
  const scope = named === 'all' ? 'cluster' : 'hosts'
  const faults = [...inventory.hosts, ...inventory.leaving]
    .filter(({ name }) => named === 'all' || named.includes(name))
    .flatMap((host) => {
      const state = observed.get(host.name)
      return (state && resetFault({ ...host, state }, { scope, view })) ?? []
    })
  const [first] = faults
  if (first === undefined) return
  throw new KhactlError('reset.refused', {
    message: [...new Set(faults.map(({ reason }) => reason))].join('; '),
    hint: first.hint,
    exit: 'refused',
  })
}
