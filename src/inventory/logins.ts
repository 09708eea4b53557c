// Every login that an inventory describes: the top `ssh:`, those of the hosts, and the hops of each.
import type { YamlPath } from '../text/yaml.js'
import { parseHop } from './hop.js'
import type { HopEntry } from './schema/jump.js'
import { lists } from './schema/inventory.js'
import type { SshEntry } from './schema/ssh.js'
import type { DeepPartial, Draft } from './shape.js'

/** A hop in its long form, wherever it was written in its short one. */
export type Hop = Exclude<HopEntry, string>

export interface HopPart {
  readonly path: YamlPath
  readonly hop: DeepPartial<Hop>
}

/** The `ssh:` parts of the file, hops aside. */
export const sshParts = (draft: Draft): readonly { readonly path: YamlPath; readonly ssh: DeepPartial<SshEntry> }[] => [
  ...(draft.ssh === undefined ? [] : [{ path: ['ssh'], ssh: draft.ssh }]),
  ...lists.flatMap((list) =>
    (draft[list] ?? []).flatMap((entry, index) =>
      entry?.ssh === undefined ? [] : [{ path: [list, index, 'ssh'], ssh: entry.ssh }],
    ),
  ),
]

/** In the order they are passed; `path`: of the `ssh:` part. */
export const hopParts = (path: YamlPath, jump: DeepPartial<SshEntry>['jump']): readonly HopPart[] => {
  if (jump === undefined) return []
  const one = (at: YamlPath, hop: DeepPartial<HopEntry> | undefined): readonly HopPart[] => {
    const long = typeof hop === 'string' ? parseHop(hop) : hop
    return long === null || long === undefined ? [] : [{ path: at, hop: long }]
  }
  return Array.isArray(jump)
    ? (jump as readonly DeepPartial<HopEntry>[]).flatMap((hop, index) => one([...path, 'jump', index], hop))
    : one([...path, 'jump'], jump as DeepPartial<HopEntry>)
}
