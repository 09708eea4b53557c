// The operator's SSH agent: its keys, listed once, and the offer of one of them.
import type { AgentAuthMethod, ParsedKey } from 'ssh2'
import { withDeadline } from './deadline.js'
import { wayOut } from './keys.js'
import { fingerprint } from './known-hosts.js'
import type { Ssh2 } from './ssh2.js'

const agentWithin = 5000

export interface Agent {
  readonly identities: readonly { readonly key: ParsedKey; readonly print: string }[]
  readonly problems: readonly string[]
  readonly method: (user: string, key: ParsedKey) => AgentAuthMethod
}

export const nobody: Agent = {
  identities: [],
  problems: [],
  method: () => {
    throw new Error('an agent without identities signs nothing')
  },
}

export const askAgent = async (ssh2: Ssh2, socket: string | undefined): Promise<Agent> => {
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
    const all = await withDeadline({ within: agentWithin, late, work: ask })
    const keys = all.filter((key) => !key.type.includes('-cert-'))
    const identities = keys.map((key) => ({ key, print: fingerprint(key.getPublicSSH()) }))
    const method = (username: string, key: ParsedKey): AgentAuthMethod => {
      // An agent of one key, so that each offer is counted and named.
      const one = ssh2.createAgent(socket)
      one.getIdentities = (callback) => callback(null, [key])
      return { type: 'agent', username, agent: one }
    }
    const problems = [
      ...(all.length === 0 ? ['the agent holds no key that khactl can use'] : []),
      ...(all.length > keys.length
        ? [`${all.length - keys.length} certificates of the agent are not shown: take a plain key, ${wayOut}`]
        : []),
    ]
    return { identities, method, problems }
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
