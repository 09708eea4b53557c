// khactl up: the plan, the question, the locks, a second look that must agree, and the same walk with hands.
import { userInfo, hostname } from 'node:os'
import { drift } from '../../engine/expect.js'
import { createMemory, type Memory } from '../../engine/memory.js'
import { walk } from '../../engine/run.js'
import { KhactlError } from '../../model/error.js'
import { countPlan, type Plan } from '../../model/plan.js'
import { planExit } from '../../report/exit.js'
import { ask } from '../ask.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { withRun, type Run } from '../run.js'

export const up = (options: RunOptions, io: Io): Promise<number> =>
  withRun({ options, io, playbook: 'up' }, async (run) => {
    const { survey } = run
    await run.showPlan(survey.plan)
    const exit = planExit(survey.plan)
    const { change, unknown, problem } = countPlan(survey.plan)
    if (options.mode === 'plan' || change + unknown === 0 || problem > 0) return run.end(run.planEnd(exit))
    if (options.consent === 'ask') {
      const reply = await ask(`Make these changes on ${survey.inventory.cluster.name}?`, { io, signal: run.signal })
      if (reply !== 'yes') {
        io.stderr.write('Nothing was changed.\n')
        return run.end(reply === 'no' ? 'refused' : 'interrupted')
      }
    }
    await lockAll(run)
    const memory = createMemory()
    const expected = await lookAgain(run, memory)
    await walk({
      graph: survey.graph,
      memory,
      ports: survey.wires.ports,
      apply: { send: survey.wires.send, expected },
      failed: survey.unreachable,
      interrupted: run.interrupted,
    })
    return run.finish()
  })

const lockAll = async ({ survey, options }: Run): Promise<void> => {
  const owner = `${userInfo().username}@${hostname()} since ${new Date().toISOString()}`
  const manner = options.lock === 'break' ? 'break' : 'wait-not'
  const reached = [...survey.observed.keys()].filter((host) => !survey.unreachable.has(host))
  const results = await Promise.all(
    reached.map(async (host) => ({ host, result: await (await survey.wires.session(host)).lock(owner, manner) })),
  )
  const taken = results.flatMap(({ host, result }) =>
    result.kind === 'taken-by' ? [`${host} is held by ${result.owner}`] : [],
  )
  if (taken.length === 0) return
  throw new KhactlError('run.locked', {
    message: `another khactl is at work: ${taken.join('; ')}`,
    exit: 'locked',
    hint: 'Wait until it ends. --break-lock takes the lock away from a run that hangs.',
  })
}

/** The world between the plan and the answer: what was known must be equal, or nothing is changed. */
const lookAgain = async ({ survey, interrupted, quietly }: Run, memory: Memory): Promise<Plan> => {
  const { plan } = await walk({
    graph: survey.graph,
    memory,
    ports: quietly(survey.wires.ports),
    apply: null,
    failed: survey.unreachable,
    interrupted,
  })
  const moved = drift(survey.plan, plan)
  if (moved.length === 0) return plan
  throw new KhactlError('run.drifted', {
    message: `the hosts changed after the plan was made: ${moved.map(({ then }) => `${then.host}: ${then.title}`).join('; ')}`,
    exit: 'refused',
    hint: 'Nothing was changed. Run the command again for a plan of how it is now.',
  })
}
