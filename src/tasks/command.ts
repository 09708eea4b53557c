// command: a script of people's own, with the file that it creates or the test that says when it has nothing to do.
import type { Task } from '../model/playbook.js'
import { command } from '../steps/command.js'

/** As the loader checked them. */
interface Args {
  readonly run: string
  readonly creates?: string
  readonly unless?: string
  readonly 'unless-is'?: 'read-only'
  readonly within?: number
}

export const commandTask: Task = {
  name: 'command',
  title: 'Commands',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: {
    required: { run: 'text' },
    optional: {
      creates: 'path',
      unless: 'text',
      'unless-is': { oneOf: ['read-only'] },
      within: 'seconds',
    },
    either: [['creates', 'unless']],
  },
  steps: (_, args) => {
    const { run, creates, unless = '', within = 600, ...rest } = args as Args
    const needless =
      creates !== undefined
        ? ({ by: 'file', path: creates } as const)
        : ({ by: 'test', script: unless, is: rest['unless-is'] ?? 'anything' } as const)
    return [command({ run, needless, within: within * 1000 })]
  },
}
