// The lock of every host of a run, from before its first change to its end: two operators cannot collide (R-I3).
import { hostname, userInfo } from 'node:os'
import { KhactlError } from '../model/error.js'
import type { HostName, HostState } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { LockResult } from '../model/session.js'
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
export const lockAll = async ({ wires, observed, inventory }: Found, claim: Claim): Promise<void> => {
  const reached = [...observed].filter(([, { kind }]) => kind !== 'unreachable').map(([host]) => host)
  const isMaster = (host: HostName): boolean =>
    [...inventory.hosts, ...inventory.leaving].some(({ name, roles }) => name === host && roles.includes('master'))
  for (const host of reached.filter(isMaster).toSorted()) await lockHosts(wires, { hosts: [host], ...claim })
  await lockHosts(wires, { hosts: reached.filter((host) => !isMaster(host)), ...claim })
}

/** All at once; throws KhactlError `run.locked` with every holder. */
export const lockHosts = async (
  wires: Wires,
  { hosts, pid, manner }: Claim & { readonly hosts: readonly HostName[] },
): Promise<void> => {
  const owner = ownerOf(pid)
  refuseTaken(
    await Promise.all(
      hosts.map(async (host) => ({
        host,
        result: await (await wires.session(host)).lock(owner, manner === 'break' ? 'break' : 'wait-not'),
      })),
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
