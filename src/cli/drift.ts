// How far the hosts are from the inventory: the plan of `khactl plan`, made quietly and counted.
import { join } from 'node:path'
import { KhactlError } from '../model/error.js'
import type { Inventory } from '../model/inventory.js'
import type { AskSecret } from '../model/session.js'
import { summarise } from '../report/plan-summary.js'
import type { Drift } from '../report/status-seen.js'
import { stateFolder } from './folders.js'
import { withHostKeys } from './host-keys.js'
import type { Io } from './io.js'
import type { RunOptions } from './options.js'
import { noWishes } from './wishes.js'
import { survey } from './survey.js'

export interface DriftInput {
  readonly inventory: Inventory
  readonly options: RunOptions
  readonly io: Io
  /** Of the visit that it is made in: nobody is asked twice. */
  readonly askSecret: AskSecret
  readonly stop: AbortSignal
}

/** It never throws for what khactl foresees: why there is no plan is part of the answer. */
export const driftOf = async ({ inventory, options, io, askSecret, stop }: DriftInput): Promise<Drift> => {
  try {
    const looked = await survey({
      ...{ inventory: everyHost(inventory, options.hostKeys), options, env: io.env, playbook: 'up' },
      wishes: noWishes(join(stateFolder(io), 'snapshots')),
      emit: () => undefined,
      hide: () => undefined,
      askSecret,
      pid: io.pid,
      stop,
    })
    await looked.close()
    const { plan } = looked
    const { changes, unknown, unreadable } = summarise(plan)
    const changing = plan.entries.filter(({ verdict }) => verdict.kind === 'would-change' || verdict.kind === 'unknown')
    return { kind: 'planned', changes, unknown, unreadable, hosts: [...new Set(changing.map(({ host }) => host))] }
  } catch (error) {
    if (!(error instanceof KhactlError)) throw error
    return { kind: 'failed', why: error.message, hint: error.details.hint ?? 'khactl plan says more' }
  }
}

const everyHost = (inventory: Inventory, hostKeys: RunOptions['hostKeys']): Inventory => ({
  ...inventory,
  hosts: inventory.hosts.map((host) => withHostKeys(host, hostKeys)),
  leaving: inventory.leaving.map((host) => ({ ...host, ssh: withHostKeys(host, hostKeys).ssh })),
})
