// package: packages from the host's own repositories, in any version or in the one that is named.
import type { Task } from '../model/playbook.js'
import { packages } from '../steps/packages.js'

/** As the loader checked them. */
interface Args {
  /** `htop`, `nginx=1.18.0` */
  readonly names: readonly string[]
}

export const packageTask: Task = {
  name: 'package',
  title: 'Packages',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  takes: { required: { names: 'words' }, optional: {} },
  steps: (_, args) => {
    const { names } = args as Args
    const want = names.map((word) => {
      const [name = word, version] = word.split('=')
      return { name, version: version ?? null }
    })
    return [
      packages({
        id: `packages:${names.join(',')}`,
        title: `Install ${names.join(', ')}`,
        want,
        hold: 'free',
        source: { source: 'host' },
      }),
    ]
  },
}
