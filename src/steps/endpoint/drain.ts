// backend:drain: masters that are to leave get no new connections from this haproxy, and lose those they have (R-L5).
import { heldByOldWorkers } from '../../facts/endpoint/old-workers.js'
import { haproxyServers, isUp, type Server as Seen } from '../../facts/endpoint/stats-socket.js'
import { unitState } from '../../facts/unit.js'
import { KhactlError } from '../../model/error.js'
import { all, always, choose, each, map, see, type Look } from '../../model/look.js'
import { step, type Change, type Step } from '../../model/step.js'
import { isRunning } from '../unit.js'
import { drainOn, type Server } from './rotation.js'

interface Have {
  readonly server: Server
  /** null: the running haproxy does not have it. */
  readonly seen: Seen | null
  readonly old: number
}

/** Id `backend:drain`. Nothing where haproxy does not run yet: it will start without them. */
export const backendDrain = (servers: readonly Server[]): Step =>
  step<readonly Have[]>({
    id: 'backend:drain',
    title: 'Take leaving masters out of rotation',
    settle: { within: 5000, every: 500 },
    look: whereItRuns(each(servers.map(haveOf))),
    diff: (have) => have.flatMap(drainChange),
    apply: async ({ self }, have) => {
      for (const { server } of have.filter((one) => drainChange(one).length > 0))
        if ((await drainOn(self, { server, mark: 'for good' })) === 'left in')
          throw new KhactlError('endpoint.last-backend', {
            message: `${server.name} is the only API server that is up for the haproxy of ${self.host}`,
            hint: 'Bring another master back first; khactl status shows what each haproxy sees.',
            exit: 'failed',
          })
    },
  })

/** What is seen counts only where haproxy runs; it is asked with the unit all the same, as a request more costs more. */
export const whereItRuns = <S>(look: Look<readonly S[]>): Look<readonly S[]> =>
  choose(see(unitState('haproxy')), {
    cases: { runs: look, not: always<readonly S[]>([]) },
    pick: (unit) => (isRunning(unit) ? 'runs' : 'not'),
  })

const haveOf = (server: Server): Look<Have> =>
  map(
    all({
      servers: see(haproxyServers(server.socket)),
      old: see(heldByOldWorkers({ socket: server.socket, peer: server.peer })),
    }),
    ({ servers, old }) => ({ server, seen: seenOf(servers, server), old }),
  )

export const seenOf = (servers: readonly Seen[], { backend, name }: Server): Seen | null =>
  servers.find((one) => one.backend === backend && one.server === name) ?? null

/** Without numbers of sessions: they move, and a plan must not. */
export const drainChange = ({ server, seen, old }: Have): readonly Change[] => {
  const isIn = seen !== null && isUp(seen)
  if (!isIn && (seen?.sessions ?? 0) === 0 && old === 0) return []
  const from = isIn ? 'in rotation' : 'has connections'
  // Connections of a drained backend end by themselves.
  const volatile = isIn ? {} : ({ volatile: true } as const)
  return [{ path: `haproxy backend ${server.name}`, from, to: 'drained', impact: 'none', ...volatile }]
}
