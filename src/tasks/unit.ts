// unit: a systemd unit, at boot and now.
import type { Task } from '../model/playbook.js'
import { unit, type UnitWanted } from '../steps/unit.js'

/** As the loader checked them. */
interface Args {
  readonly name: string
  readonly boot?: UnitWanted['boot']
  readonly run?: UnitWanted['run']
}

export const unitTask: Task = {
  name: 'unit',
  title: 'Units',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: {
    required: { name: 'text' },
    optional: { boot: { oneOf: ['enabled', 'disabled', 'masked'] }, run: { oneOf: ['running', 'stopped'] } },
  },
  steps: (_, args) => {
    const { name, boot = 'any', run = 'any' } = args as Args
    return [unit({ name, boot, run })]
  },
}
