// The lock of every host of a run, from before its first change to its end: two operators cannot collide (R-I3).
import { hostname, userInfo } from 'node:os'
import type { Ports } from '../engine/ports.js'
import { KhactlError } from '../model/error.js'
import type { HostName, HostState } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { LockResult } from '../model/session.js'
import { defer } from '../transport/deferred.js'
import type { Wires } from './compose.js'

/** What a survey found. */
interface Found {
  readonly wires: Wires
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly inventory: Inventory
}

/** Who takes the locks, and how. */
export interface Claim {
  readonly pid: number
  readonly manner: 'respect' | 'break'
}

/** As it is told to whoever comes second. The same all along a run, which knows its own locks by it: since khactl was started. */
const ownerOf = (pid: number): string => {
  const since = new Date(performance.timeOrigin).toISOString().replace(/\.\d+Z$/, 'Z')
  return `${userInfo().username}@${hostname()} (process ${pid}) since ${since}`
}

/**
 * The masters one after the other in the order of their names, then all others at once. Every run of a cluster speaks with its
 * masters, so of two that begin in the same moment one finds the first common master taken and holds none that comes behind:
 * exactly one goes on. What the other took is free once its connections are closed.
 */
export const lockAll = ({ wires, observed, inventory }: Found, claim: Claim): Locks => {
  const reached = [...observed].filter(([, { kind }]) => kind !== 'unreachable').map(([host]) => host)
  const isMaster = (host: HostName): boolean =>
    [...inventory.hosts, ...inventory.leaving].some(({ name, roles }) => name === host && roles.includes('master'))
  const asked = new Map(reached.map((host) => [host, defer<void>()]))
  const lock = (hosts: readonly HostName[]): Promise<void> =>
    lockHosts(wires, { hosts, ...claim, asked: (host) => asked.get(host)?.resolve() })
  const inTurn = async (): Promise<void> => {
    for (const host of reached.filter(isMaster).toSorted()) await lock([host])
    await lock(reached.filter((host) => !isMaster(host)))
  }
  const held = inTurn()
  const met = new Set<HostName>()
  return {
    held,
    behind: (ports) => ({
      ...ports,
      ask: async (question) => {
        const lock = asked.get(question.host)
        if (lock === undefined) return ports.ask(question)
        // Of the two shells of a connection only one serves its requests in the order of the locks.
        const isBehind = question.channel === 'own' && !met.has(question.host)
        if (isBehind) met.add(question.host)
        await (isBehind ? lock.promise : held.catch(() => undefined))
        return ports.ask(isBehind ? { ...question, behind: 'lock' } : question)
      },
    }),
  }
}

export interface Locks {
  /** Rejects with KhactlError `run.locked`, naming every holder. */
  readonly held: Promise<void>
  /** A question goes out together with its host's lock, right behind it; what it is told counts once all locks are held. */
  behind(ports: Ports): Ports
}

/** All at once; throws KhactlError `run.locked` with every holder. */
export const lockHosts = async (
  wires: Wires,
  {
    hosts,
    pid,
    manner,
    asked,
  }: Claim & { readonly hosts: readonly HostName[]; readonly asked?: (host: HostName) => void },
): Promise<void> => {
  const owner = ownerOf(pid)
  refuseTaken(
    await Promise.all(
      hosts.map(async (host) => {
        const session = await wires.session(host)
        const answer = session.lock(owner, manner === 'break' ? 'break' : 'wait-not')
        // By then it is on its way.
        setImmediate(() => asked?.(host))
        return { host, result: await answer }
      }),
    ),
  )
}

const refuseTaken = (results: readonly { readonly host: HostName; readonly result: LockResult }[]): void => {
  const taken = results.flatMap(({ host, result }) =>
    result.kind === 'taken-by' ? [`${host} is held by ${result.owner || 'a run that has not told its name'}`] : [],
  )
  if (taken.length === 0) return
  throw new KhactlError('run.locked', {
    message: `another khactl is at work: ${taken.join('; ')}`,
    exit: 'locked',
    hint: 'Nothing was changed. Wait until that run ends; if it hangs, stop it there, or take its locks away with --break-lock.',
  })
}
