// khactl preflight: every check of up, alone.
import { planExit } from '../../report/exit.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { withRun } from '../run.js'

export const preflight = (options: RunOptions, io: Io): Promise<number> =>
  withRun({ options, io, playbook: 'preflight' }, async (run) => {
    await run.showPlan(run.survey.plan)
    return run.end(run.planEnd(planExit(run.survey.plan)))
  })
