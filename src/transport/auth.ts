// Which keys are offered to a host, in which order: what the inventory names first, then the agent's, five at most (R-S6).
import type { AgentAuthMethod, ParsedKey, PublicKeyAuthMethod } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import { withDeadline } from './deadline.js'
import { readKeyFile, type KeyFile } from './keys.js'
import { fingerprint } from './known-hosts.js'
import type { Ssh2 } from './ssh2.js'
import { sshError, type Place } from './ssh-error.js'

/** sshd's MaxAuthTries is 6 by default, and a refusal counts against the address (PerSourcePenalties). */
const mostOffers = 5
const agentWithin = 5000

export interface Offer {
  /** `SHA256:… (/root/.ssh/id_ed25519)` */
  readonly label: string
  readonly method: PublicKeyAuthMethod | AgentAuthMethod
}

export interface Offers {
  readonly offers: readonly Offer[]
  /** Why configured keys are not among them; for the error, should the offers be refused. */
  readonly problems: readonly string[]
}

/** Reads keys and agent once for all hosts. Throws `ssh.auth` when there is nothing to offer. */
export type KeyRing = (place: Place) => Promise<Offers>

export const createKeyRing = (ssh2: Ssh2, agentSocket: string | undefined): KeyRing => {
  const files = new Map<string, Promise<KeyFile>>()
  let agent: Promise<Agent> | null = null

  const fileOf = (path: string): Promise<KeyFile> => {
    const file = files.get(path) ?? readKeyFile(ssh2, path)
    files.set(path, file)
    return file
  }
  return async (place) => {
    const { ssh } = place
    const keys = await Promise.all(ssh.keys.map(fileOf))
    const held = ssh.agent === 'ignore' ? nobody : await (agent ??= askAgent(ssh2, agentSocket))
    const ring = arrange({ keys, held, user: ssh.user })
    if (ring.offers.length === 0) throw nothingToOffer(place, ring.problems)
    return ring
  }
}

interface Agent {
  readonly identities: readonly { readonly key: ParsedKey; readonly print: string }[]
  readonly problems: readonly string[]
  readonly method: (user: string, key: ParsedKey) => AgentAuthMethod
}

const nobody: Agent = {
  identities: [],
  problems: [],
  method: () => {
    throw new Error('an agent without identities signs nothing')
  },
}

const askAgent = async (ssh2: Ssh2, socket: string | undefined): Promise<Agent> => {
  if (socket === undefined || socket === '')
    return { ...nobody, problems: ['there is no agent (SSH_AUTH_SOCK is not set)'] }
  const late = () => new Error(`no answer within ${agentWithin / 1000} s`)
  const ask = () =>
    new Promise<ParsedKey[]>((resolve, reject) => {
      ssh2.createAgent(socket).getIdentities((error, keys) => {
        if (error) reject(error)
        else resolve((keys ?? []).flatMap((key) => parsed(ssh2, key)))
      })
    })
  try {
    const keys = await withDeadline({ within: agentWithin, late, work: ask })
    const identities = keys.map((key) => ({ key, print: fingerprint(key.getPublicSSH()) }))
    const method = (username: string, key: ParsedKey): AgentAuthMethod => {
      // An agent of one key, so that each offer is counted and named.
      const one = ssh2.createAgent(socket)
      one.getIdentities = (callback) => callback(null, [key])
      return { type: 'agent', username, agent: one }
    }
    return { identities, method, problems: keys.length === 0 ? ['the agent holds no key'] : [] }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ...nobody, problems: [`the agent at ${socket} does not answer: ${why}`] }
  }
}

const parsed = (ssh2: Ssh2, key: unknown): ParsedKey[] => {
  const read: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(key as Buffer)
  if (read instanceof Error) return []
  return Array.isArray(read) ? read : [read]
}

const arrange = ({ keys, held, user }: { keys: readonly KeyFile[]; held: Agent; user: string }): Offers => {
  const offers = new Map<string, Offer>()
  const problems: string[] = []
  const offer = (print: string, { from, method }: { from: string; method: Offer['method'] }): void => {
    if (!offers.has(print)) offers.set(print, { label: `${print} (${from})`, method })
  }
  for (const file of keys) {
    if (file.kind === 'private')
      offer(file.print, { from: file.path, method: { type: 'publickey', username: user, key: file.key } })
    else {
      const identity = file.kind === 'public' ? held.identities.find(({ print }) => print === file.print) : undefined
      if (identity) offer(identity.print, { from: 'agent', method: held.method(user, identity.key) })
      else problems.push(`key ${file.path} ${file.why}`)
    }
  }
  for (const { key, print } of held.identities) offer(print, { from: 'agent', method: held.method(user, key) })
  const all = [...offers.values()]
  const left = all.length - mostOffers
  if (left > 0) problems.push(`${left} more keys of the agent were not offered: name the right one in the inventory`)
  return { offers: all.slice(0, mostOffers), problems: [...problems, ...held.problems] }
}

const nothingToOffer = (place: Place, problems: readonly string[]): KhactlError =>
  sshError({
    code: 'ssh.auth',
    place,
    what: `there is no key to log in as ${place.ssh.user} with${problems.length > 0 ? `: ${problems.join('; ')}` : ''}`,
    hint: 'Name a private key file in the inventory, or start an agent and load one with ssh-add.',
  })
