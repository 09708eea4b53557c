// khactl plan: the walk of up without hands; exit 0 in sync, 2 changes or unknown, 1 unreadable.
import { planExit } from '../../report/exit.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { withRun } from '../run.js'

export const plan = (options: RunOptions, io: Io): Promise<number> =>
  withRun({ options, io, playbook: 'up' }, async (run) => {
    await run.showPlan(run.survey.plan)
    return run.end(run.planEnd(planExit(run.survey.plan)))
  })
