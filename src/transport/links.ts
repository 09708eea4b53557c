// Logins on hosts, over the jump hosts that are on the way to them: each of those is connected to once.
import { setMaxListeners } from 'node:events'
import type { LookupFunction } from 'node:net'
import type { SshLogin } from '../model/inventory.js'
import type { AskSecret } from '../model/session.js'
import { createKeyRing } from './auth.js'
import { connectTo, type Limits, type Route } from './connect.js'
import { dial } from './dial.js'
import { createHostKeys } from './host-key.js'
import type { Link } from './link.js'
import { loadSsh2 } from './ssh2.js'
import { ssh2Link, type LoggedIn } from './ssh2-link.js'
import type { Place, Stop } from './ssh-error.js'
import type { Environment } from './system-environment.js'
import { createSystemSsh, type SystemSsh } from './system-ssh.js'
import { onward } from './tunnel.js'
import { createTurns } from './turns.js'
import { isFinal, nameOf, ofHost } from './way.js'

export interface LinksOptions {
  readonly agentSocket: string | undefined
  readonly askSecret?: AskSecret | undefined
  readonly log: (place: Stop, message: string) => void
  /** Where the ssh program finds itself, its home and its agent, for hosts that are reached with it. */
  readonly environment?: Environment | undefined
  readonly limits: Limits
  readonly dialled: () => void
  readonly lookup?: LookupFunction | undefined
  /** Ends every try at once. */
  readonly signal: AbortSignal
}

export interface Links {
  /** A login of its own each time; rejects with a KhactlError. */
  open(place: Place): Promise<Link>
  /** The jump hosts, the farthest first, and the ssh program's: to be called when the links over them have ended. */
  closeRest(): Promise<void>
}

/** Milliseconds for a connection to end in peace. */
const closeWithin = 1000

export const createLinks = (options: LinksOptions): Links => {
  const { limits, log, signal, dialled } = options
  const hostKeys = createHostKeys(log)
  const turns = createTurns()
  const jumps = new Map<string, Promise<LoggedIn>>()
  // One listener for each host that is being connected to.
  setMaxListeners(0, signal)
  let tools: ReturnType<typeof loadTools> | null = null
  let system: SystemSsh | null = null

  const logIn = async (place: Stop, { before, behind }: Neighbours): Promise<LoggedIn> => {
    const { ssh2, keyRing } = await (tools ??= loadTools(options))
    const offers = await keyRing(place, [...before, ...behind])
    const algorithms = await hostKeys.algorithms(place)
    const route = () => routeOver(before, place)
    return connectTo({ ssh2, place, offers, hostKeys, algorithms, turns, limits, log, dialled, signal, route })
  }

  const routeOver = async (way: readonly SshLogin[], place: Stop): Promise<Route> => {
    if (way.length === 0) return { name: '', dial: (to) => dial({ ...to, signal, lookup: options.lookup }) }
    const hop = await jumpOver(way, place).catch((error: unknown) => {
      throw ofHost(place, error)
    })
    return { name: nameOf(way), dial: (to) => onward(hop, { ...to, signal }) }
  }

  /** A refused login there is remembered: whoever comes later must not try it again. */
  const jumpOver = (way: readonly SshLogin[], { name, ssh }: Stop): Promise<LoggedIn> => {
    const key = nameOf(way)
    const known = jumps.get(key)
    if (known) return known
    const before = way.slice(0, -1)
    const stop: Stop = { name, role: 'jump', ssh: way.at(-1) ?? ssh, before }
    const jump = logIn(stop, { before, behind: [ssh] })
    jumps.set(key, jump)
    jump.then(
      ({ closed }) => void closed.then(() => jumps.delete(key)),
      (error: unknown) => {
        if (!isFinal(error)) jumps.delete(key)
      },
    )
    return jump
  }

  const startSystem = (): SystemSsh => {
    const { agentSocket, askSecret, environment = {} } = options
    return createSystemSsh({ agentSocket, askSecret, environment, hostKeys, limits, log, dialled, signal })
  }

  return {
    open: async (place) =>
      place.ssh.client === 'system'
        ? (system ??= startSystem()).login(place)
        : ssh2Link(await logIn(place, { before: place.ssh.jump, behind: [] })),
    closeRest: async () => {
      await system?.close()
      const farthestFirst = [...jumps].toSorted(([a], [b]) => b.length - a.length)
      for (const [, jump] of farthestFirst) {
        const hop = await jump.catch(() => null)
        if (hop !== null) await disconnect(ssh2Link(hop))
      }
    },
  }
}

interface Neighbours {
  readonly before: readonly SshLogin[]
  readonly behind: readonly SshLogin[]
}

const loadTools = async ({ agentSocket, askSecret }: LinksOptions) => {
  const ssh2 = await loadSsh2()
  return { ssh2, keyRing: createKeyRing({ ssh2, agentSocket, askSecret }) }
}

/** Asks for the end, and cuts after a while. */
export const disconnect = async (link: Link): Promise<void> => {
  const timer = setTimeout(() => link.destroy(), closeWithin)
  link.end()
  await link.closed
  clearTimeout(timer)
}
