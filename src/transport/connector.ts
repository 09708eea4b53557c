// Opens one connection a host, with one root shell on it.
import { setMaxListeners } from 'node:events'
import type { HostName } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import type { AskSecret, Connector, Session } from '../model/session.js'
import { createKeyRing } from './auth.js'
import { createRootDoor } from './channel.js'
import { connectTo, defaultLimits, type Limits } from './connect.js'
import type { Link } from './link.js'
import { createHostKeys } from './host-key.js'
import { createSemaphore } from './semaphore.js'
import { createSession } from './session.js'
import { loadSsh2 } from './ssh2.js'
import { sshError, type Place } from './ssh-error.js'
import type { Environment } from './system-environment.js'
import { createSystemSsh, type SystemSsh } from './system-ssh.js'

export interface ConnectorOptions {
  readonly hosts: readonly Host[]
  /** SSH_AUTH_SOCK of the operator, if there is one. */
  readonly agentSocket: string | undefined
  /** For passwords and passphrases that the inventory does not give; absent: nobody can be asked. */
  readonly askSecret?: AskSecret
  /** What the operator may want to know later: recorded host keys, second tries. */
  readonly log?: (host: HostName, message: string) => void
  /** Where the ssh program finds itself, its home and its agent, for hosts that are reached with it. */
  readonly environment?: Environment
  readonly limits?: Partial<Limits>
}

const handshakesAtOnce = 8
const closeWithin = 1000

/**
 * `connect` gives the same session for the same host, and tries again after a failure. It rejects with a KhactlError whose
 * code says what is wrong: `ssh.unreachable`, `ssh.handshake`, `ssh.host-key`, `ssh.auth`, `ssh.sudo`, `ssh.shell`,
 * `ssh.lost`, `ssh.deadline`, or `ssh.closed` after `closeAll`.
 * After `closeAll` nothing of the connector keeps the process alive.
 */
export const createConnector = (options: ConnectorOptions): Connector => {
  const hosts = new Map(options.hosts.map((host) => [host.name, host]))
  const limits = { ...defaultLimits, ...options.limits }
  const log = (place: Place, message: string): void => options.log?.(place.name, message)
  const sessions = new Map<HostName, Promise<Session>>()
  const handshakes = createSemaphore(handshakesAtOnce)
  const hostKeys = createHostKeys(log)
  const stop = new AbortController()
  // One listener for each host that is being connected to.
  setMaxListeners(0, stop.signal)
  let tools: Promise<Tools> | null = null
  let system: SystemSsh | null = null

  const login = async (place: Host): Promise<Link> => {
    if (place.ssh.client === 'system') return (system ??= startSystem()).login(place)
    const { ssh2, keyRing } = await (tools ??= loadTools(options.agentSocket))
    const offers = await keyRing(place)
    const algorithms = await hostKeys.algorithms(place)
    return connectTo({ ssh2, place, offers, hostKeys, algorithms, handshakes, limits, log, signal: stop.signal })
  }

  const startSystem = (): SystemSsh => {
    const { agentSocket, askSecret, environment = {} } = options
    return createSystemSsh({ agentSocket, askSecret, environment, hostKeys, limits, log, signal: stop.signal })
  }

  const open = async (place: Host): Promise<Session> => {
    const link = await login(place)
    const openShell = createRootDoor({ link, place, within: limits.shell, askSecret: options.askSecret })
    try {
      const own = await openShell()
      return createSession({ place, own, openCluster: openShell, disconnect: () => disconnect(link) })
    } catch (error) {
      await disconnect(link)
      throw error
    }
  }

  return {
    connect: (name) => {
      const place = hosts.get(name)
      if (!place) return Promise.reject(new TypeError(`no host ${name} in the inventory`))
      if (stop.signal.aborted) return Promise.reject(closedError(place))
      const known = sessions.get(name)
      if (known) return known
      const session = open(place).catch((error: unknown) => {
        sessions.delete(name)
        throw stop.signal.aborted ? closedError(place) : error
      })
      sessions.set(name, session)
      return session
    },
    closeAll: async () => {
      stop.abort()
      await Promise.allSettled([...sessions.values()].map(async (session) => (await session).close()))
      await system?.close()
    },
  }
}

type Tools = Awaited<ReturnType<typeof loadTools>>
const loadTools = async (agentSocket: string | undefined) => {
  const ssh2 = await loadSsh2()
  return { ssh2, keyRing: createKeyRing(ssh2, agentSocket) }
}

/** A bastion will have its link here: the far link first, then the near one. */
const disconnect = async (link: Link): Promise<void> => {
  const timer = setTimeout(() => link.destroy(), closeWithin)
  link.end()
  await link.closed
  clearTimeout(timer)
}

const closedError = (place: Place) => sshError({ code: 'ssh.closed', place, what: 'khactl was told to stop' })
