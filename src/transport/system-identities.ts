// Which keys an ssh is given, in the order and number of khactl's own client: those of the inventory, then the agent's (R-S6).
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SshLogin } from '../model/inventory.js'
import { fingerprint } from './known-hosts.js'
import { sshError, type Stop } from './ssh-error.js'
import type { Environment } from './system-environment.js'

export interface Identities {
  readonly files: readonly string[]
  readonly certificates: readonly string[]
  readonly problems: readonly string[]
}

interface AgentKey {
  readonly type: string
  readonly print: string
  readonly file: string
}

interface Agent {
  readonly keys: readonly AgentKey[]
  readonly problems: readonly string[]
}

interface Around {
  readonly agent: Agent
  /** The other logins on the way. */
  readonly others: readonly SshLogin[]
}

/** sshd's MaxAuthTries is 6 by default, and a refusal counts against the address (PerSourcePenalties). */
const mostOffers = 5
const agentWithin = 5000

/** Asks the agent once for all hosts. Throws `ssh.auth` when there is nothing to offer. */
export const createIdentities = (folder: string, environment: Environment) => {
  let agent: Promise<Agent> | null = null
  return async (place: Stop, others: readonly SshLogin[]): Promise<Identities> => {
    const { ssh } = place
    const held = ssh.agent === 'use' ? await (agent ??= askAgent(folder, environment)) : { keys: [], problems: [] }
    const identities = await arrange(ssh, { agent: held, others })
    if (identities.files.length + identities.certificates.length === 0 && ssh.password === null)
      throw nothingToOffer(place, identities.problems)
    return identities
  }
}

const arrange = async (ssh: SshLogin, { agent, others: neighbours }: Around): Promise<Identities> => {
  const configured = await Promise.all(ssh.keys.map(async (file) => ({ file, print: await publicPrint(file) })))
  // What only another login on the way names is for that one.
  const theirs = await Promise.all(neighbours.flatMap(({ keys }) => keys).map(publicPrint))
  const known = new Set([...configured.map(({ print }) => print), ...theirs])
  const others = agent.keys.filter(({ print }) => !known.has(print))
  const given = others.slice(0, Math.max(0, mostOffers - configured.length))
  const left = others.length - given.length
  const isCertificate = ({ type }: AgentKey): boolean => type.includes('-cert-')
  return {
    files: [
      ...configured.map(({ file }) => file),
      ...given.filter((key) => !isCertificate(key)).map(({ file }) => file),
    ],
    certificates: given.filter(isCertificate).map(({ file }) => file),
    problems: [
      ...(left > 0 ? [`${left} more keys of the agent were not offered: name the right one in the inventory`] : []),
      ...agent.problems,
    ],
  }
}

/** null: there is no public half beside the key; then it may be offered twice. */
const publicPrint = async (file: string): Promise<string | null> => {
  const text = await readFile(`${file}.pub`, 'utf8').catch(() => '')
  const [, blob] = text.trim().split(/\s+/)
  return blob === undefined ? null : fingerprint(Buffer.from(blob, 'base64'))
}

/** The public halves as files: that is how ssh is told which of an agent's keys to use. */
const askAgent = async (folder: string, environment: Environment): Promise<Agent> => {
  if (environment['SSH_AUTH_SOCK'] === undefined)
    return { keys: [], problems: ['there is no agent (SSH_AUTH_SOCK is not set)'] }
  try {
    const { stdout } = await promisify(execFile)('ssh-add', ['-L'], { env: environment, timeout: agentWithin })
    const lines = stdout.split('\n').filter((line) => line.split(' ').length > 1)
    const keys = await Promise.all(
      lines.map(async (line, index) => {
        const [type = '', blob = ''] = line.split(' ')
        const file = join(folder, `agent-${index}.pub`)
        await writeFile(file, `${line}\n`, { mode: 0o600 })
        return { type, print: fingerprint(Buffer.from(blob, 'base64')), file }
      }),
    )
    return { keys, problems: [] }
  } catch (error) {
    const { code, stdout, stderr, message } = error as Error & { code?: unknown; stdout?: string; stderr?: string }
    if (code === 1 && /no identities/.test(stdout ?? '')) return { keys: [], problems: ['the agent holds no key'] }
    return { keys: [], problems: [`the agent does not answer: ${stderr?.trim() || message}`] }
  }
}

const nothingToOffer = (place: Stop, problems: readonly string[]) =>
  sshError({
    code: 'ssh.auth',
    place,
    what: `there is no key to log in as ${place.ssh.user} with${problems.length > 0 ? `: ${problems.join('; ')}` : ''}`,
    hint: 'Name a private key file in the inventory, or start an agent and load one with ssh-add.',
  })
