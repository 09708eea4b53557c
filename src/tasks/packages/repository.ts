// packages.repository: the inventory's package repositories with their keys, in files of khactl's own.
import { os, type Os } from '../../facts/os.js'
import type { AptRepository, DnfRepository, Proxy } from '../../model/inventory.js'
import { map, see, type Look } from '../../model/look.js'
import type { Task } from '../../model/playbook.js'
import type { Step } from '../../model/step.js'
import { aptListsFetched } from '../../steps/apt-lists.js'
import { directory } from '../../steps/directory.js'
import { file } from '../../steps/file.js'
import { given } from '../../steps/given.js'
import {
  aptKeyFile,
  aptProxy,
  aptProxyFile,
  aptSource,
  aptSourceFile,
  dnfKeyFile,
  dnfRepository,
  dnfRepositoryFile,
} from '../../templates/repositories.js'
import { alike } from '../alike.js'

export const packagesRepository: Task = {
  name: 'packages.repository',
  title: 'Add the package repositories',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  probes: 'unguarded',
  steps: alike(({ inventory }) => {
    const { packages, proxy } = inventory.cluster
    const way = proxy === null ? [] : [given(isFamily('debian'), file({ ...aptProxyFile, content: aptProxy(proxy) }))]
    if (packages.source !== 'repository') return way
    return [
      ...way,
      ...packages.apt.flatMap(aptSteps).map((step) => given(isFamily('debian'), step)),
      ...packages.dnf.flatMap((repository) => dnfSteps(repository, proxy)).map((step) => given(isFamily('rhel'), step)),
    ].filter((step, index, steps) => steps.findIndex(({ id }) => id === step.id) === index)
  }),
}

const isFamily = (family: Os['family']): Look<boolean> => map(see(os()), (host) => host.family === family)

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** Every folder of a key is there on a current distribution, and missing on older ones. */
const aptSteps = (repository: AptRepository): readonly Step[] => {
  const { name, url, suite, key } = repository
  const source = aptSourceFile(repository)
  return [
    directory({ path: folderOf(aptKeyFile(repository).path), mode: 0o755 }),
    file({ ...aptKeyFile(repository), content: key.bytes, title: `Trust the key of the repository ${name}` }),
    file({ ...source, content: aptSource(repository), title: `Add the repository ${name}` }),
    aptListsFetched({ name, url, suite, sourceFile: source.path }),
  ]
}

const dnfSteps = (repository: DnfRepository, proxy: Proxy | null): readonly Step[] => [
  directory({ path: folderOf(dnfKeyFile(repository).path), mode: 0o755 }),
  file({
    ...dnfKeyFile(repository),
    content: repository.key.bytes,
    title: `Trust the key of the repository ${repository.name}`,
  }),
  file({
    ...dnfRepositoryFile(repository),
    content: dnfRepository(repository, proxy),
    title: `Add the repository ${repository.name}`,
  }),
]
