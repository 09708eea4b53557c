// khactl add-master, add-worker, add-haproxy: the host goes into the inventory, and into the cluster.
import type { Edit } from '../../inventory/edit.js'
import type { ListName } from '../../inventory/schema/inventory.js'
import type { HostFlag } from '../host-flag.js'
import { changeMembership } from '../membership.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'

export interface Add {
  readonly options: RunOptions
  readonly list: ListName
  /** A name alone is that of a host that stands in the inventory already. */
  readonly hosts: readonly HostFlag[]
  readonly file: 'write' | 'leave'
}

export const add = ({ options, list, hosts, file }: Add, io: Io): Promise<number> => {
  const names = hosts.map(({ name }) => name)
  const edits = hosts.flatMap((host): readonly Edit[] =>
    host.address === undefined ? [] : [{ kind: 'add', list, host }],
  )
  return changeMembership({
    ...{ options, io, playbook: 'add', edits: () => edits, named: () => names },
    file:
      file === 'write' ? { manner: 'write' } : { manner: 'leave', told: notWritten(options.inventory, list, names) },
  })
}

const notWritten = (inventory: string, list: ListName, names: readonly string[]): string => {
  const meaning: Readonly<Record<ListName, string>> = {
    masters: 'the next khactl up takes them out of haproxy, and otherwise leaves these members alone',
    workers: 'the next khactl up leaves these nodes alone',
    haproxy:
      'the next khactl up takes them out of keepalived’s peers, and it and the present holder would then both hold the virtual IP',
  }
  return `${inventory} is not written: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not in it, and ${meaning[list]}.`
}
