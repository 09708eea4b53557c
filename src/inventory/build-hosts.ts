// Mentions → hosts: a host that stands in two lists becomes one with both roles, what its entries say taken together.
import type { HostName } from '../model/host.js'
import type { Host, Json, Taint } from '../model/inventory.js'
import type { Mention } from './hosts.js'
import type { HostEntry } from './schema/host.js'
import type { InventoryFile } from './schema/inventory.js'
import { sshTarget } from './ssh-target.js'
import type { Surroundings } from './surroundings.js'

export interface Checked {
  readonly whole: InventoryFile
  readonly mentions: readonly Mention[]
}

/** In the order of the file; only for what passed every check. */
export const buildHosts = (surroundings: Surroundings, { whole, mentions }: Checked): readonly Host[] =>
  [...new Set(mentions.map(({ name }) => name))].map((name) =>
    buildHost(surroundings, { whole, mentions: mentions.filter((mention) => mention.name === name) }),
  )

const buildHost = (surroundings: Surroundings, { whole, mentions }: Checked): Host => {
  const entries = mentions.map(({ entry }) => entry as HostEntry)
  const address = mentions[0]?.address ?? ''
  return {
    name: (mentions[0]?.name ?? '') as HostName,
    roles: mentions.map(({ role }) => role),
    ssh: sshTarget(surroundings, { address, layers: [...entries.map(({ ssh }) => ssh), whole.ssh] }),
    nodeIP: mentions.map(({ nodeIP }) => nodeIP).find((ip) => ip !== null) ?? address,
    labels: Object.assign({}, ...entries.map(({ labels }) => labels)) as Host['labels'],
    taints: entries.flatMap(({ taints }) => taints ?? []).map(taintOf),
    kubeletConfiguration: Object.assign({}, ...entries.map((entry) => entry.kubeletConfiguration)) as Json,
    interface:
      entries.map((entry) => entry.interface).find((name) => name !== undefined) ??
      whole.cluster.endpoint.interface ??
      null,
  }
}

const taintOf = (text: string): Taint => {
  const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(text) ?? []
  return { key, value, effect: effect as Taint['effect'] }
}
