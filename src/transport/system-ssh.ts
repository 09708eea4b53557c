// Logs in with the ssh program of this machine: one master a host, one a bastion however many hosts are behind it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SshLogin } from '../model/inventory.js'
import type { AskSecret } from '../model/session.js'
import { persist, type Limits } from './connect.js'
import { DroppedError } from './handshake.js'
import type { HostKeys } from './host-key.js'
import { onlyAuthority } from './known-hosts.js'
import { openKnownHosts } from './known-hosts-file.js'
import type { Link } from './link.js'
import { sshError, type Place, type Stop } from './ssh-error.js'
import { createAnswers } from './system-answers.js'
import { masterArguments } from './system-arguments.js'
import { systemEnvironment, type Environment } from './system-environment.js'
import { openSystemFolder, type SystemFolder } from './system-folder.js'
import { whyNotForwarded } from './system-forward.js'
import { createIdentities, type Identities } from './system-identities.js'
import { systemLink } from './system-link.js'
import { startMaster, type Master } from './system-master.js'
import { createTurns } from './turns.js'
import { isFinal, nameOf, ofHost } from './way.js'

export interface SystemSshOptions {
  readonly environment: Environment
  readonly agentSocket: string | undefined
  readonly askSecret: AskSecret | undefined
  readonly hostKeys: HostKeys
  readonly limits: Limits
  readonly log: (place: Stop, message: string) => void
  /** Told when a connection stands, whatever becomes of the login. */
  readonly dialled: () => void
  readonly signal: AbortSignal
}

export interface SystemSsh {
  /** Rejects with a KhactlError, as the other client does. */
  login(place: Place): Promise<Link>
  /** Ends the masters, bastions last, and leaves neither process nor file. */
  close(): Promise<void>
}

const closeWithin = 1000
const versionWithin = 5000
/** KnownHostsCommand is of 8.5, SSH_ASKPASS_REQUIRE of 8.4. */
const oldest = 8005

export const createSystemSsh = (options: SystemSshOptions): SystemSsh => {
  const { limits, signal, log, hostKeys } = options
  const environment = systemEnvironment(options.environment, options.agentSocket)
  const masters = new Set<Master>()
  const hops = new Map<string, Promise<Master>>()
  const turns = createTurns()
  /** Passwords that a server refused. */
  const refused = new Set<string>()
  let tools: Promise<Tools> | null = null
  let last = 0

  /** One process, logged in. */
  const start = async (place: Stop, { via, others }: { via: Master | null; others: readonly SshLogin[] }) => {
    tools ??= openTools(place, environment)
    const { folder, identities } = await tools
    last += 1
    const socket = join(folder.path, `${last}.sock`)
    const answerFile = join(folder.path, `${last}.answer`)
    const { files, certificates, problems } = await identities(place, others)
    const authority =
      place.ssh.pinned === null && onlyAuthority(await openKnownHosts(place.ssh.knownHosts).read(), place.ssh)
    const config = 'config' in place.ssh && place.ssh.config === 'use' ? 'use' : 'ignore'
    const master = await startMaster({
      place,
      socket,
      command: masterArguments({
        login: place.ssh,
        socket,
        identities: files,
        certificates,
        hostKeyAlgorithms: await hostKeys.algorithms(place),
        authority,
        hostKey: { helper: join(folder.path, 'host-key'), answer: answerFile },
        via: via?.socket ?? null,
        config,
        connectSeconds: Math.ceil(limits.dial / 1000),
        alive: { seconds: Math.max(1, Math.round(limits.alive / 1000)), count: 3 },
      }),
      environment,
      askpass: join(folder.path, 'askpass'),
      answerFile,
      problems,
      verify: (key, name) => hostKeys.verify(config === 'use' ? knownAs(place, name) : place, key),
      answers: createAnswers(place, { askSecret: options.askSecret, refused }),
      log: (message) => log(place, message),
      dialled: options.dialled,
      limits,
      signal,
    })
    masters.add(master)
    void master.gone.then(() => masters.delete(master))
    return master
  }

  const startInTurn = (place: Stop, { before, behind }: Neighbours): Promise<Master> => {
    const turn = turns.server(JSON.stringify([nameOf(before), place.ssh.address, place.ssh.port]))
    return persist({ place, limits, signal, log }, async () => {
      const via = await lastOf(before, place)
      return turn(async () => {
        signal.throwIfAborted()
        try {
          return await start(place, { via, others: [...before, ...behind] })
        } catch (error) {
          if (error instanceof DroppedError) turn.lower()
          throw await betterKnown(place, { error, via, limits })
        }
      })
    })
  }

  /** The master of the last jump host; each is shared by all whose way up to it is the same. */
  const lastOf = async (way: readonly SshLogin[], place: Stop): Promise<Master | null> => {
    const ssh = way.at(-1)
    if (ssh === undefined) return null
    const key = nameOf(way)
    const before = way.slice(0, -1)
    const stop: Stop = { name: place.name, role: 'jump', ssh, before }
    const hop = hops.get(key) ?? startInTurn(stop, { before, behind: [place.ssh] })
    if (!hops.has(key)) {
      hops.set(key, hop)
      hop.then(
        ({ gone }) => void gone.then(() => hops.delete(key)),
        (error: unknown) => {
          if (!isFinal(error)) hops.delete(key)
        },
      )
    }
    return hop.catch((error: unknown) => {
      throw ofHost(place, error)
    })
  }

  return {
    login: async (place) => {
      const master = await startInTurn(place, { before: place.ssh.jump, behind: [] })
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

interface Neighbours {
  readonly before: readonly SshLogin[]
  readonly behind: readonly SshLogin[]
}

/** Over a jump host, an ssh that was dropped without a word never came further than that. */
const betterKnown = async (
  { ssh }: Stop,
  { error, via, limits }: { error: unknown; via: Master | null; limits: Limits },
): Promise<unknown> => {
  const isMute = via !== null && error instanceof DroppedError
  return (isMute ? await whyNotForwarded(via.socket, { ...ssh, within: limits.dial }) : null) ?? error
}

/** A HostName or HostKeyAlias of ~/.ssh/config gives it another name than the inventory has. */
const knownAs = (place: Stop, name: string): Stop => {
  const [, address = name, port = '22'] = /^\[(.*)\]:(\d+)$/.exec(name) ?? []
  return { ...place, ssh: { ...place.ssh, address, port: Number(port) } }
}

interface Tools {
  readonly folder: SystemFolder
  readonly identities: (place: Stop, others: readonly SshLogin[]) => Promise<Identities>
}

const openTools = async (place: Stop, environment: Environment): Promise<Tools> => {
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

const unfit = (place: Stop, why: string) =>
  sshError({
    code: 'ssh.program',
    place,
    what: `\`ssh: { client: system }\` needs the ssh program of OpenSSH 8.5 or newer on this machine, and ${why}`,
    hint: "Install openssh-client, or leave `client` out where khactl's own can log in.",
  })
