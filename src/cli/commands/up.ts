// khactl up: the whole cluster, as the inventory says it should be.
import { planThenApply } from '../apply.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { withRun } from '../run.js'

export const up = (options: RunOptions, io: Io): Promise<number> =>
  withRun({ options, io, playbook: 'up' }, (run) => planThenApply(run, { io }))
