// backend:ready: servers that a run which died took out of rotation, to restart them, are put back. Others' drains stay.
import { rotationMarks } from '../../facts/endpoint/rotation-marks.js'
import { haproxyServers, type Server as Seen } from '../../facts/endpoint/stats-socket.js'
import { all, map, see } from '../../model/look.js'
import { step, type Change, type Step } from '../../model/step.js'
import { seenOf, whereItRuns } from './drain.js'
import { marksFolder, putBackOn, type Server } from './rotation.js'

interface Have {
  readonly server: Server
  readonly seen: Seen | null
  readonly mark: 'there' | 'none'
}

/** Id `backend:ready`. `servers`: those that stay, all on one stats socket. */
export const backInRotation = (servers: readonly [Server, ...Server[]]): Step =>
  step<readonly Have[]>({
    id: 'backend:ready',
    title: 'Put API servers back into rotation',
    look: whereItRuns(
      map(
        all({ marks: see(rotationMarks(marksFolder)), seen: see(haproxyServers(servers[0].socket)) }),
        ({ marks, seen }) =>
          servers.map((server): Have => ({
            server,
            seen: seenOf(seen, server),
            mark: marks.includes(server.name) ? 'there' : 'none',
          })),
      ),
    ),
    diff: (have) => have.flatMap(readyChange),
    apply: async ({ self }, have) => {
      for (const { server } of have.filter((one) => readyChange(one).length > 0)) await putBackOn(self, server)
    },
  })

/** A drain also ends with a reload; then only the mark is left, which is no change to speak of. */
export const readyChange = ({ server, seen, mark }: Have): readonly Change[] =>
  mark === 'there' && seen !== null && /^(DRAIN|MAINT)/.test(seen.status)
    ? [{ path: `haproxy backend ${server.name}`, from: 'drained', to: 'in rotation', impact: 'none' }]
    : []
