// Mentions → hosts: a host that stands in two lists becomes one with both roles, what its entries say taken together.
import type { HostName } from '../model/host.js'
import type { Host, Json, Leaver, Taint } from '../model/inventory.js'
import { isLeaving, type Mention } from './hosts.js'
import type { HostEntry } from './schema/host.js'
import type { InventoryFile } from './schema/inventory.js'
import type { SshEntry } from './schema/ssh.js'
import { sshTarget, type SshSources } from './ssh-target.js'

export interface Checked {
  readonly whole: InventoryFile
  readonly mentions: readonly Mention[]
}

/** In the order of the file; only for what passed every check. A host that leaves one of two lists is in both results. */
export const buildHosts = (
  sources: SshSources,
  { whole, mentions }: Checked,
): { readonly hosts: readonly Host[]; readonly leaving: readonly Leaver[] } => {
  const staying = byName(mentions.filter((mention) => !isLeaving(mention)))
  const going = byName(mentions.filter(isLeaving))
  return {
    hosts: [...staying.values()].map((own) => buildHost(sources, { whole, mentions: own })),
    leaving: [...going].map(([name, own]) => {
      // How to reach it may stand in the entry of the list that it stays in.
      const host = buildHost(sources, { whole, mentions: [...own, ...(staying.get(name) ?? [])] })
      const roles = own.map(({ role }) => role)
      return { ...host, roles, state: own.some(({ entry }) => entry.state === 'dead') ? 'dead' : 'absent' }
    }),
  }
}

const byName = (mentions: readonly Mention[]): ReadonlyMap<Mention['name'], readonly Mention[]> => {
  const found = new Map<Mention['name'], Mention[]>()
  for (const mention of mentions) {
    const own = found.get(mention.name)
    if (own === undefined) found.set(mention.name, [mention])
    else own.push(mention)
  }
  return found
}

const buildHost = (sources: SshSources, { whole, mentions }: Checked): Host => {
  const entries = mentions.map(({ entry }) => entry as HostEntry)
  const address = mentions[0]?.address ?? ''
  return {
    name: (mentions[0]?.name ?? '') as HostName,
    roles: mentions.map(({ role }) => role),
    ssh: sshTarget(sources, {
      address,
      layers: [
        ...mentions.map(({ path, entry }) => ({ path: [...path, 'ssh'], entry: entry.ssh as SshEntry | undefined })),
        { path: ['ssh'], entry: whole.ssh },
      ].flatMap(({ path, entry }) => (entry === undefined ? [] : [{ path, entry }])),
    }),
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
