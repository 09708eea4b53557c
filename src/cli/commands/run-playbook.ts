// khactl run: a playbook of people's own, planned, asked for, locked and walked as up is.
import { resolve } from 'node:path'
import { planThenApply } from '../apply.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { withRun } from '../run.js'

export interface RunPlaybook {
  readonly options: RunOptions
  /** As the operator named it. */
  readonly playbook: string
}

export const runPlaybook = ({ options, playbook }: RunPlaybook, io: Io): Promise<number> =>
  withRun(
    {
      options: { ...options, ownPlaybook: playbook },
      io,
      playbook: { file: resolve(io.cwd, playbook), shown: playbook },
    },
    (run) => planThenApply(run, { io }),
  )
