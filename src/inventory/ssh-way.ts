// The hosts on the way to a host: `jump` of the inventory, else ProxyJump of ~/.ssh/config, and the way to the first of them.
import type { YamlPath } from '../text/yaml.js'
import { parseHop, type ShortHop } from './hop.js'
import { hopParts, type HopPart } from './logins.js'
import type { SshEntry } from './schema/ssh.js'
import type { SshConfig } from './ssh-config.js'

interface Way {
  readonly layers: readonly { readonly path: YamlPath; readonly entry: SshEntry }[]
  /** Of the host at its end. */
  readonly config: SshConfig | null
  /** null: ~/.ssh/config does not count. */
  readonly configOf: ((host: ShortHop) => SshConfig | null) | null
}

/** A ProxyJump that leads to itself is cut off here; ssh would never end. */
const longest = 8

export const wayTo = ({ layers, config, configOf }: Way): readonly HopPart[] => {
  const layer = layers.find(({ entry }) => entry.jump !== undefined)
  const given = layer === undefined ? proxyJump(config) : hopParts(layer.path, layer.entry.jump)
  return before(given, configOf)
}

/** Only the first one has a way of its own: to the others the one before them leads. */
const before = (hops: readonly HopPart[], configOf: Way['configOf']): readonly HopPart[] => {
  const [first] = hops
  if (first === undefined || configOf === null || hops.length >= longest) return hops
  const { address = '', user, port } = first.hop
  const config = configOf({ address, ...(user !== undefined && { user }), ...(port !== undefined && { port }) })
  const more = proxyJump(config)
  return more.length === 0 ? hops : before([...more, ...hops], configOf)
}

const proxyJump = (config: SshConfig | null): readonly HopPart[] =>
  (config?.proxyJump?.split(',') ?? []).flatMap((text) => {
    const hop = parseHop(text.trim().replace(/^ssh:\/\//, ''))
    return hop === null ? [] : [{ path: [], hop }]
  })
