// Opens one connection a host, with one root shell on it.
import type { LookupFunction } from 'node:net'
import type { HostName } from '../model/host.js'
import type { Host } from '../model/inventory.js'
import { fewAtATime } from '../model/pieces.js'
import type { AskSecret, Connector, Session } from '../model/session.js'
import { createRootDoor } from './channel.js'
import { defaultLimits, type Limits } from './connect.js'
import { createLinks, disconnect } from './links.js'
import { createSession } from './session.js'
import { sshError, type Place } from './ssh-error.js'
import type { Environment } from './system-environment.js'

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
  /** Told whenever a connection stands, also to a jump host: from then on a server is at work, too. */
  readonly dialled?: () => void
  /** How names become addresses; default: node's. */
  readonly lookup?: LookupFunction
}

/**
 * `connect` gives the same session for the same host until that is closed, and tries again after a failure. It rejects
 * with a KhactlError whose code says what is wrong: `ssh.unreachable`, `ssh.handshake`, `ssh.host-key`, `ssh.auth`,
 * `ssh.sudo`, `ssh.shell`, `ssh.lost`, `ssh.deadline`, or `ssh.closed` after `closeAll`.
 * After `closeAll` nothing of the connector keeps the process alive.
 */
export const createConnector = (options: ConnectorOptions): Connector => {
  const hosts = new Map(options.hosts.map((host) => [host.name, host]))
  const limits = { ...defaultLimits, ...options.limits }
  const sessions = new Map<HostName, Promise<Session>>()
  const stop = new AbortController()
  const links = createLinks({
    agentSocket: options.agentSocket,
    askSecret: options.askSecret,
    log: (place, message) => options.log?.(place.name, message),
    environment: options.environment,
    limits,
    dialled: () => options.dialled?.(),
    lookup: options.lookup,
    signal: stop.signal,
  })

  const open = async (place: Host, ended: () => void): Promise<Session> => {
    const link = await links.open(place)
    const openShell = createRootDoor({ link, place, within: limits.shell, askSecret: options.askSecret })
    try {
      const own = await openShell()
      const session = createSession({ place, own, openCluster: openShell, disconnect: () => disconnect(link) })
      return { ...session, close: () => (ended(), session.close()) }
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
      // Whoever finds its session lost closes it and connects again.
      const ended = (): void => {
        if (sessions.get(name) === session) sessions.delete(name)
      }
      const session: Promise<Session> = open(place, ended).catch((error: unknown) => {
        ended()
        throw stop.signal.aborted ? closedError(place) : error
      })
      sessions.set(name, session)
      return session
    },
    closeAll: async () => {
      stop.abort()
      const closing: Promise<void>[] = []
      for await (const [, session] of fewAtATime([...sessions]))
        closing.push(session.then((one) => one.close()).catch(() => undefined))
      await Promise.all(closing)
      await links.closeRest()
    },
  }
}

const closedError = (place: Place) => sshError({ code: 'ssh.closed', place, what: 'khactl was told to stop' })
