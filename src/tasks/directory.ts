// directory: a folder with mode and owner; the folder above it must be there.
import type { Task } from '../model/playbook.js'
import { directory } from '../steps/directory.js'

/** As the loader checked them. */
interface Args {
  readonly path: string
  readonly mode?: number
  readonly owner?: string
}

export const directoryTask: Task = {
  name: 'directory',
  title: 'Folders',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: { required: { path: 'path' }, optional: { mode: 'mode', owner: 'text' } },
  steps: (_, args) => {
    const { path, mode = 0o755, owner = 'root:root' } = args as Args
    return [directory({ path, mode, owner })]
  },
}
