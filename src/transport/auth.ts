// Which keys are offered to a host, in which order: what the inventory names first, then the agent's, then the password (R-S6).
import type { AgentAuthMethod } from 'ssh2'
import type { KhactlError } from '../model/error.js'
import type { SshLogin } from '../model/inventory.js'
import type { AskSecret } from '../model/session.js'
import { askAgent, nobody, type Agent } from './agent.js'
import { hasCertificate, readKeyFile, wayOut, type KeyFile } from './keys.js'
import { createPasswords } from './passwords.js'
import type { Offer, Offers, WhileAsking } from './offer.js'
import type { Ssh2 } from './ssh2.js'
import { sshError, type Stop } from './ssh-error.js'
import { createUnlock, lazyAgent, type LockedKey } from './unlock.js'

/** sshd's MaxAuthTries is 6 by default, and a refusal counts against the address (PerSourcePenalties). */
const mostOffers = 5

/**
 * Reads keys and agent once for all hosts. `others`: the logins before and behind it on the same way; what is named for
 * them alone is not offered here, not even by the agent. Throws `ssh.auth` when there is nothing to offer.
 */
export type KeyRing = (place: Stop, others?: readonly SshLogin[]) => Promise<Offers>

export interface KeyRingOptions {
  readonly ssh2: Ssh2
  readonly agentSocket: string | undefined
  readonly askSecret?: AskSecret | undefined
}

export const createKeyRing = ({ ssh2, agentSocket, askSecret }: KeyRingOptions): KeyRing => {
  const files = new Map<string, Promise<KeyFile>>()
  const unlock = createUnlock(ssh2, askSecret)
  const passwordOf = createPasswords(askSecret)
  let agent: Promise<Agent> | null = null

  const fileOf = (path: string): Promise<KeyFile> => {
    const file = files.get(path) ?? readKeyFile(ssh2, path)
    files.set(path, file)
    return file
  }
  const certificates = new Map<string, Promise<boolean>>()
  const isCertified = (path: string): Promise<boolean> => {
    const certified = certificates.get(path) ?? hasCertificate(path)
    certificates.set(path, certified)
    return certified
  }
  const lockedOffer = (place: Stop, file: LockedKey): Offer => {
    const { half, path } = file
    const username = place.ssh.user
    const key = (whileAsking: WhileAsking) => whileAsking(() => unlock(file, place.ssh.passphrase))
    return {
      ...ofKey(half === null ? path : `${half.print} (${path})`),
      method: async ({ whileAsking }) =>
        half === null
          ? { type: 'publickey', username, key: await key(whileAsking) }
          : { type: 'agent', username, agent: lazyAgent(ssh2, { half, key: () => key(whileAsking) }) },
    }
  }
  return async (place, others = []) => {
    const { ssh } = place
    const keys = await Promise.all(ssh.keys.map(fileOf))
    const foreign = others.flatMap((login) => login.keys).filter((path) => !ssh.keys.includes(path))
    const held = ssh.agent === 'ignore' ? nobody : await (agent ??= askAgent(ssh2, agentSocket))
    const ring = arrange({
      keys,
      held,
      foreign: (await Promise.all(foreign.map(fileOf))).flatMap((file) => printOf(file) ?? []),
      place,
      lockedOffer: (file) => lockedOffer(place, file),
      password: passwordOf(place),
    })
    if (ring.offers.length === 0) throw nothingToOffer(place, ring.problems)
    const certified = await Promise.all(ssh.keys.map(isCertified))
    const withCertificate = ssh.keys.filter((_, index) => certified[index])
    const unseen = withCertificate.map(
      (path) => `the certificate of ${path} is not shown, khactl cannot do that: ${wayOut.replace(/^or /, '')}`,
    )
    return { ...ring, problems: [...ring.problems, ...unseen] }
  }
}

const ofKey = (label: string) => ({ kind: 'key' as const, means: ['publickey'], label })

const printOf = (file: KeyFile): string | null => {
  if (file.kind === 'unusable') return null
  return file.kind === 'locked' ? (file.half?.print ?? null) : file.print
}

interface Ring {
  readonly place: Stop
  readonly keys: readonly KeyFile[]
  readonly held: Agent
  /** Fingerprints of keys that are not for this login. */
  readonly foreign: readonly string[]
  readonly lockedOffer: (file: LockedKey) => Offer
  readonly password: Offer | null
}

const arrange = ({ place, keys, held, foreign, lockedOffer, password }: Ring): Offers => {
  const username = place.ssh.user
  const offers = new Map<string, Offer>()
  const problems: string[] = []
  const add = (print: string, offer: Offer): void => {
    if (!offers.has(print)) offers.set(print, offer)
  }
  const ofAgent = ({ print, key }: Agent['identities'][number]): Offer => ({
    ...ofKey(`${print} (agent)`),
    method: () => Promise.resolve<AgentAuthMethod>(held.method(username, key)),
  })
  for (const file of keys) {
    const print = printOf(file)
    const identity = held.identities.find((one) => one.print === print)
    if (file.kind === 'private')
      add(file.print, {
        ...ofKey(`${file.print} (${file.path})`),
        method: () => Promise.resolve({ type: 'publickey', username, key: file.key }),
      })
    else if (identity) add(identity.print, ofAgent(identity))
    else if (file.kind === 'locked') add(print ?? file.path, lockedOffer(file))
    else problems.push(`key ${file.path} ${file.why}`)
  }
  if (place.ssh.agent === 'use')
    for (const identity of held.identities)
      if (!foreign.includes(identity.print)) add(identity.print, ofAgent(identity))
  const all = [...offers.values()]
  const most = mostOffers - (password === null ? 0 : 1)
  const left = all.length - most
  if (left > 0) problems.push(`${left} more keys of the agent were not offered: name the right one in the inventory`)
  return {
    offers: [...all.slice(0, most), ...(password === null ? [] : [password])],
    problems: [...problems, ...held.problems],
  }
}

const nothingToOffer = (place: Stop, problems: readonly string[]): KhactlError =>
  sshError({
    code: 'ssh.auth',
    place,
    what: `there is no key to log in as ${place.ssh.user} with${problems.length > 0 ? `: ${problems.join('; ')}` : ''}`,
    hint: 'Name a private key file in the inventory, or start an agent and load one with ssh-add; or give a `password`.',
  })
