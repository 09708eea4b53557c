// file: a whole file with mode and owner, its content in the playbook or in a file on the operator's machine.
import type { Task } from '../model/playbook.js'
import { file } from '../steps/file.js'

/** As the loader checked them. */
interface Args {
  readonly path: string
  readonly content?: string
  readonly source?: Uint8Array
  readonly mode?: number
  readonly owner?: string
}

export const fileTask: Task = {
  name: 'file',
  title: 'Files',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: {
    required: { path: 'path' },
    optional: { content: 'text', source: 'file', mode: 'mode', owner: 'text' },
    either: [['content', 'source']],
  },
  steps: (_, args) => {
    const { path, content, source, mode = 0o644, owner = 'root:root' } = args as Args
    return [file({ path, content: content ?? source ?? '', mode, owner })]
  },
}
