// From a plan to a changed world: shown, asked, locked, looked at again, done. The same for every command that changes hosts.
import { drift } from '../engine/expect.js'
import { createMemory, type Memory, type Probe } from '../engine/memory.js'
import { walk } from '../engine/run.js'
import { KhactlError, type ExitClass } from '../model/error.js'
import { operator } from '../model/host.js'
import { countPlan, planAhead, type Plan } from '../model/plan.js'
import { planExit } from '../report/exit.js'
import { ask, type Reply } from './ask.js'
import type { Io } from './io.js'
import { lockAll, type Locks } from './locks.js'
import type { Run } from './run.js'
import { unlessInterrupted } from './signals.js'

export interface Applying {
  readonly io: Io
  /** The consent; default: yes or no, unless --yes was given. */
  readonly consent?: () => Promise<Reply>
  /** What comes before the first change on any host: the inventory is written. Also when the hosts need no change. */
  readonly first?: () => Promise<void>
}

export const planThenApply = async (run: Run, { io, consent, first }: Applying): Promise<ExitClass> => {
  const { survey, options } = run
  await run.showPlan(survey.plan)
  const ahead = planAhead(survey.plan, survey.graph)
  const { change, unknown, problem } = countPlan(ahead)
  const exit = planExit(ahead)
  if (options.mode === 'plan' || problem > 0) return run.end(run.planEnd(exit))
  // Where the hosts need no change the inventory may; not on the word of a run that did not reach everybody.
  const isIdle = change + unknown === 0
  if (isIdle && (first === undefined || run.planEnd(exit) !== 'ok')) return run.end(run.planEnd(exit))
  const reply = await (consent ?? (() => yesOrNo(run, io)))()
  if (reply !== 'yes') {
    io.stderr.write('Nothing was changed.\n')
    return run.end(reply === 'no' ? 'refused' : 'interrupted')
  }
  if (isIdle) {
    await first?.()
    return run.end('ok')
  }
  const memory = createMemory(stillBelieved(run))
  const locks = lockAll(survey, { pid: io.pid, manner: options.lock })
  const [now] = await unlessInterrupted(run.signal, Promise.all([lookAgain(run, { memory, locks }), locks.held]))
  const expected = sameAs(survey.plan, now)
  if (first) {
    await first()
    // What was read of the inventory's file is no longer true.
    memory.age(operator)
  }
  run.signal.addEventListener('abort', () => run.warn(stopping), { once: true })
  await walk({
    graph: survey.graph,
    memory,
    ports: survey.wires.ports,
    apply: { send: survey.wires.send, expected },
    failed: survey.unreachable,
    interrupted: run.interrupted,
  })
  return run.finish()
}

const stopping =
  'Stopping: nothing new is begun; what is under way ends first, or goes on on its host. Ctrl-C again leaves at once.'

const yesOrNo = async ({ options, survey, signal }: Run, io: Io): Promise<Reply> =>
  options.consent === 'given' ? 'yes' : ask(`Make these changes on ${survey.inventory.cluster.name}?`, { io, signal })

/** Who listens some seconds for VRRP, or asks every registry, need not do so again at once; a longer pause at the question counts. */
const stillBelieved = ({ survey: { probes, wires } }: Run): readonly Probe[] =>
  wires.ports.now() - probes.at < probesStand ? probes.told : []
const probesStand = 60_000

/** The world between the plan and the answer. */
const lookAgain = async (
  { survey, interrupted, quietly }: Run,
  { memory, locks }: { readonly memory: Memory; readonly locks: Locks },
): Promise<Plan> => {
  const { plan } = await walk({
    graph: survey.graph,
    memory,
    ports: locks.behind(quietly(survey.wires.ports)),
    apply: null,
    failed: survey.unreachable,
    interrupted,
  })
  return plan
}

/** What was known must be equal, or nothing is changed. */
const sameAs = (shown: Plan, now: Plan): Plan => {
  const moved = drift(shown, now)
  if (moved.length === 0) return now
  throw new KhactlError('run.drifted', {
    message: `the hosts changed after the plan was made: ${moved.map(({ then }) => `${then.host}: ${then.title}`).join('; ')}`,
    exit: 'refused',
    hint: 'Nothing was changed. Run the command again for a plan of how it is now.',
  })
}
