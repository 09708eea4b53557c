// Logs in with the ssh program of this machine: one master a host, one a bastion however many hosts are behind it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { HostName } from '../model/host.js'
import type { SshLogin } from '../model/inventory.js'
import type { AskSecret } from '../model/session.js'
import { persist, type Limits } from './connect.js'
import type { HostKeys } from './host-key.js'
import { onlyAuthority } from './known-hosts.js'
import { openKnownHosts } from './known-hosts-file.js'
import type { Link } from './link.js'
import { createSemaphore, type Semaphore } from './semaphore.js'
import { sshError, type Place, type Stop } from './ssh-error.js'
import { createAnswers } from './system-answers.js'
import { masterArguments } from './system-arguments.js'
import { systemEnvironment, type Environment } from './system-environment.js'
import { openSystemFolder, type SystemFolder } from './system-folder.js'
import { createIdentities, type Identities } from './system-identities.js'
import { systemLink } from './system-link.js'
import { startMaster, type Master } from './system-master.js'

export interface SystemSshOptions {
  readonly environment: Environment
  readonly agentSocket: string | undefined
  readonly askSecret: AskSecret | undefined
  readonly hostKeys: HostKeys
  readonly limits: Limits
  readonly log: (place: Stop, message: string) => void
  readonly signal: AbortSignal
}

export interface SystemSsh {
  /** Rejects with a KhactlError, as the other client does. */
  login(place: Place): Promise<Link>
  /** Ends the masters, bastions last, and leaves neither process nor file. */
  close(): Promise<void>
}

const handshakesAtOnce = 6
const closeWithin = 1000
const versionWithin = 5000
/** KnownHostsCommand is of 8.5, SSH_ASKPASS_REQUIRE of 8.4. */
const oldest = 8005

export const createSystemSsh = (options: SystemSshOptions): SystemSsh => {
  const { limits, signal, log, hostKeys } = options
  const environment = systemEnvironment(options.environment, options.agentSocket)
  const masters = new Set<Master>()
  const hops = new Map<string, Promise<Master>>()
  const gates = new Map<string, Semaphore>()
  let tools: Promise<Tools> | null = null
  let last = 0

  /** One process, logged in. */
  const start = async (place: Place, via: Master | null): Promise<Master> => {
    tools ??= openTools(place, environment)
    const { folder, identities } = await tools
    last += 1
    const socket = join(folder.path, `${last}.sock`)
    const answerFile = join(folder.path, `${last}.answer`)
    const { files, certificates, problems } = await identities(place)
    const recorded = place.ssh.pinned === null ? await openKnownHosts(place.ssh.knownHosts).read() : []
    const master = await startMaster({
      place,
      socket,
      command: masterArguments({
        login: place.ssh,
        socket,
        identities: files,
        certificates,
        hostKeyAlgorithms: await hostKeys.algorithms(place),
        authority: onlyAuthority(recorded, place.ssh),
        hostKey: { helper: join(folder.path, 'host-key'), answer: answerFile },
        via: via?.socket ?? null,
        config: place.ssh.config,
        connectSeconds: Math.ceil(limits.dial / 1000),
        alive: { seconds: Math.max(1, Math.round(limits.alive / 1000)), count: 3 },
      }),
      environment,
      askpass: join(folder.path, 'askpass'),
      answerFile,
      problems,
      verify: (key, name) => hostKeys.verify(knownAs(place, name), key),
      answers: createAnswers(place, options.askSecret),
      log: (message) => log(place, message),
      limits,
      signal,
    })
    masters.add(master)
    void master.gone.then(() => masters.delete(master))
    return master
  }

  const startInTurn = async (place: Place): Promise<Master> => {
    const via = await throughHops(place.ssh.jump)
    const endpoint = JSON.stringify([place.ssh.jump.map(nameOf), place.ssh.address, place.ssh.port])
    const gate = gates.get(endpoint) ?? createSemaphore(handshakesAtOnce)
    gates.set(endpoint, gate)
    return persist({ place, limits, signal, log }, () => gate(() => start(place, via)))
  }

  /** The master of the last hop; each is shared by all whose way up to it is the same. */
  const throughHops = async (jump: readonly SshLogin[]): Promise<Master | null> => {
    const hop = jump.at(-1)
    if (hop === undefined) return null
    const before = jump.slice(0, -1)
    const key = JSON.stringify(jump.map(nameOf))
    const known = hops.get(key)
    if (known) return known
    const place: Place = {
      name: `bastion ${hop.address}` as HostName,
      ssh: { ...hop, jump: before, client: 'system', config: 'ignore', sudoPassword: null },
    }
    const master = startInTurn(place)
    hops.set(key, master)
    const forget = (): void => void hops.delete(key)
    master.then(({ gone }) => gone.then(forget), forget)
    return master
  }

  return {
    login: async (place) => {
      const master = await startInTurn(place)
      try {
        return await systemLink(place, master)
      } catch (error) {
        master.destroy()
        throw sshError({ code: 'ssh.program', place, what: (error as Error).message, cause: error })
      }
    },
    close: async () => {
      const rest = [...masters]
      for (const master of rest) master.end()
      const timer = setTimeout(() => rest.forEach((master) => master.destroy()), closeWithin)
      await Promise.all(rest.map(({ gone }) => gone))
      clearTimeout(timer)
      await (await tools?.catch(() => null))?.folder.close()
    },
  }
}

/** A HostName or HostKeyAlias of ~/.ssh/config gives it another name than the inventory has. */
const knownAs = (place: Place, name: string): Place => {
  if (place.ssh.config === 'ignore') return place
  const [, address = name, port = '22'] = /^\[(.*)\]:(\d+)$/.exec(name) ?? []
  return { ...place, ssh: { ...place.ssh, address, port: Number(port) } }
}

const nameOf = ({ user, address, port, keys, agent }: SshLogin) => [user, address, port, keys, agent]

interface Tools {
  readonly folder: SystemFolder
  readonly identities: (place: Place) => Promise<Identities>
}

const openTools = async (place: Place, environment: Environment): Promise<Tools> => {
  const { stderr } = await promisify(execFile)('ssh', ['-V'], { env: environment, timeout: versionWithin }).catch(
    (error: Error) => {
      throw unfit(place, `it cannot be run (${error.message})`)
    },
  )
  const [, major, minor] = /^OpenSSH_(\d+)\.(\d+)/.exec(stderr) ?? []
  const version = Number(major ?? 0) * 1000 + Number(minor ?? 0)
  if (version < oldest) throw unfit(place, `it is ${stderr.trim().split(',')[0] ?? 'unknown'}`)
  const folder = await openSystemFolder(environment)
  return { folder, identities: createIdentities(folder.path, environment) }
}

const unfit = (place: Place, why: string) =>
  sshError({
    code: 'ssh.program',
    place,
    what: `\`ssh: { client: system }\` needs the ssh program of OpenSSH 8.5 or newer on this machine, and ${why}`,
    hint: "Install openssh-client, or leave `client` out where khactl's own can log in.",
  })
