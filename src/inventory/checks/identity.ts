// Names and addresses: each belongs to one host (R-O5, R-O7).
import { parseIPv4 } from '../../text/ipv4.js'
import type { YamlPath } from '../../text/yaml.js'
import type { Subject } from '../subject.js'
import { isLeaving, type Mention } from '../hosts.js'
import { mistake, type Problem } from '../problem.js'

export const identityProblems = ({ mentions }: Subject): readonly Problem[] =>
  onceEach([
    ...pairs(mentions, (mention) => mention.name).flatMap(sameName),
    ...pairs(mentions, (mention) => mention.address).flatMap(sameAddress),
    ...pairs(mentions, nodeIPOf).flatMap(sameNodeIP),
    ...mentions.flatMap(noNodeIP),
  ])

/** The address the cluster uses; null: unknown, or wrong in the file. */
export const nodeIPOf = ({ nodeIP, address, entry }: Mention): string | null => {
  if (nodeIP !== null || entry.nodeIP !== undefined) return nodeIP
  return address !== null && parseIPv4(address) !== null ? address : null
}

interface Pair {
  readonly first: Mention
  readonly again: Mention
  readonly value: string
}

/** Every mention that repeats a value, with the first that had it. */
const pairs = (mentions: readonly Mention[], valueOf: (mention: Mention) => string | null): readonly Pair[] => {
  const seen = new Map<string, Mention>()
  return mentions.flatMap((again) => {
    const value = valueOf(again)
    if (value === null) return []
    const first = seen.get(value)
    if (first === undefined) seen.set(value, again)
    return first === undefined ? [] : [{ first, again, value }]
  })
}

const field = (mention: Mention, name: string): YamlPath => [...mention.path, name]

const sameName = ({ first, again, value }: Pair): readonly Problem[] => {
  const place = { path: field(again, 'name'), other: field(first, 'name') }
  const going = stillToBeRemoved(first, again)
  if (going !== null && (first.list === again.list || first.role !== 'haproxy')) {
    const message = `${value} is still to be removed from \`${going.list}\`, so it cannot be a new host yet`
    return [mistake('leaving', { ...place, message, hint: `${finishFirst}, or give the new host a name of its own.` })]
  }
  if (first.list === again.list) {
    return [
      mistake('duplicate-name', {
        ...place,
        message: `${value} stands twice in \`${again.list}\``,
        hint: 'Give every host a name of its own, or remove one entry.',
      }),
    ]
  }
  if (first.role !== 'haproxy') {
    const hint = 'Keep it in one list. Pods run on a master too, once its taint is removed.'
    return [
      mistake('master-and-worker', {
        ...place,
        message: `${value} is a master and a worker; a node is one of them`,
        hint,
      }),
    ]
  }
  if (first.address === null || again.address === null || first.address === again.address) return []
  return [
    mistake('two-addresses', {
      path: field(again, 'address'),
      other: field(first, 'address'),
      message: `${value} has the address ${again.address} here and ${first.address} in \`${first.list}\``,
      hint: 'Write the same address in both lists, or another name when these are two hosts.',
    }),
  ]
}

const sameAddress = ({ first, again, value }: Pair): readonly Problem[] => {
  if (sameHost(first, again) || differentPorts(first, again)) return []
  if (stillToBeRemoved(first, again) !== null) return [takenOver({ first, again, value }, ['address', 'address'])]
  const message = `${again.name ?? 'This host'} has the address ${value} of ${first.name ?? 'another host'}`
  const hint =
    first.list === again.list
      ? 'Correct one of the two.'
      : 'Correct one of the two; a host in two lists has the same name in both.'
  return [
    mistake('duplicate-address', { path: field(again, 'address'), other: field(first, 'address'), message, hint }),
  ]
}

const sameNodeIP = ({ first, again, value }: Pair): readonly Problem[] => {
  const told = first.address !== null && first.address === again.address && !differentPorts(first, again)
  if (sameHost(first, again) || told) return []
  const key = again.nodeIP === null ? 'address' : 'nodeIP'
  const otherKey = first.nodeIP === null ? 'address' : 'nodeIP'
  if (stillToBeRemoved(first, again) !== null) return [takenOver({ first, again, value }, [key, otherKey])]
  const message = `${again.name ?? 'This host'} has the node IP ${value} of ${first.name ?? 'another host'}`
  return [
    mistake('duplicate-node-ip', {
      path: field(again, key),
      other: field(first, otherKey),
      message,
      hint: 'Give every host the address it has in the network that the nodes share (`nodeIP:`).',
    }),
  ]
}

/** The one of two that leaves while the other shall be there; null: both leave, or none. */
const stillToBeRemoved = (first: Mention, again: Mention): Mention | null =>
  isLeaving(first) === isLeaving(again) ? null : isLeaving(first) ? first : again

const finishFirst = 'Take the new entry out until `khactl up` has finished the removal'

/** Removing the one would lead to the other. */
const takenOver = ({ first, again, value }: Pair, [key, otherKey]: readonly [string, string]): Problem => {
  const [going, staying] = isLeaving(first) ? [first, again] : [again, first]
  return mistake('leaving', {
    path: field(again, key),
    other: field(first, otherKey),
    message: `${staying.name ?? 'A host'} has the address ${value} of ${going.name ?? 'a host'}, which is still to be removed: khactl would log in to the wrong one`,
    hint: `${finishFirst}.`,
  })
}

const noNodeIP = (mention: Mention): readonly Problem[] => {
  const { address, name, entry } = mention
  if (address === null || entry.nodeIP !== undefined || nodeIPOf(mention) !== null) return []
  return [
    mistake('node-ip', {
      path: field(mention, 'address'),
      message: `${name ?? 'This host'} is reached by name (${address}), so the address that the cluster shall use is not known`,
      hint: 'Add `nodeIP: 10.0.0.21` with its address in the network that the nodes share.',
    }),
  ]
}

const sameHost = (a: Mention, b: Mention): boolean => a.name === b.name

/** Hosts behind one address with forwarded ports. */
const differentPorts = (a: Mention, b: Mention): boolean => (a.entry.ssh?.port ?? 0) !== (b.entry.ssh?.port ?? 0)

/** A range has one place in the file for many hosts: its first mistake is enough. */
const onceEach = (problems: readonly Problem[]): readonly Problem[] => {
  const seen = new Set<string>()
  return problems.filter(({ code, path }) => {
    const key = `${code} ${path.join('.')}`
    return !seen.has(key) && seen.add(key)
  })
}
