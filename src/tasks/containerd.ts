// containerd: the runtime, with a configuration of ours for its major version, and the way to the image registries.
import { known, unreadable, type Seen } from '../model/fact.js'
import type { Registry } from '../model/inventory.js'
import { chain, choose, map, see, type Look } from '../model/look.js'
import type { Task } from '../model/playbook.js'
import type { Step } from '../model/step.js'
import { packageCandidate } from '../facts/package-candidate.js'
import { packageState } from '../facts/package.js'
import { upstreamVersion } from '../facts/package-version.js'
import { textOf } from '../facts/text.js'
import { directory } from '../steps/directory.js'
import { contentHash, file } from '../steps/file.js'
import { packages } from '../steps/packages.js'
import { unit, type UnitWanted } from '../steps/unit.js'
import { containerdConfig, containerdFile, containerdSocket, type ContainerdMajor } from '../templates/containerd.js'
import { crictlFile, crictlText } from '../templates/os.js'
import { proxyDropIn, proxyDropInFile } from '../templates/proxy.js'
import { certsFolder, hostsToml, hostsTomlFile, registryCaFile, registryFolder } from '../templates/registry.js'
import { alike, type KinScope } from './alike.js'

const packagesId = 'packages:containerd'

export const containerd: Task = {
  name: 'containerd',
  title: 'containerd',
  widest: null,
  kind: 'changes',
  stoppedBy: [],
  steps: alike((scope) => {
    const { cluster } = scope.inventory
    const major = majorOf(scope)
    return [
      packages({
        id: packagesId,
        title: 'Install containerd',
        want: [{ name: cluster.containerd.package, version: cluster.containerd.version }],
        hold: 'hold',
        source: cluster.packages,
      }),
      directory({ path: '/etc/containerd', mode: 0o755 }),
      directory({ path: certsFolder, mode: 0o755 }),
      ...cluster.registries.flatMap(registrySteps),
      perMajor(major, (of) => configStep(scope, of)),
      file({ ...crictlFile, content: crictlText(containerdSocket) }),
      ...dropIn(scope).steps,
      perMajor(major, (of) => unitStep(scope, of)),
    ]
  }),
}

/** What is installed decides, then what is wanted, then what the host's package lists offer; else it is not known yet. */
const majorOf = ({ inventory }: KinScope): Look<ContainerdMajor> => {
  const { package: name, version } = inventory.cluster.containerd
  return chain(see(packageState(name)), ({ installed }): Look<ContainerdMajor> => {
    const told = installed ?? version
    if (told !== null) return { read: () => majorIn(told) }
    return chain(see(packageCandidate(name)), (candidate) => ({
      read: () => (candidate === null ? { status: 'unknown', until: packagesId } : majorIn(candidate)),
    }))
  })
}

const majorIn = (version: string): Seen<ContainerdMajor> => {
  const major = Number(/^\d+/.exec(upstreamVersion(version))?.[0])
  if (major === 1 || major === 2) return known(major)
  return unreadable(`khactl has no configuration for containerd ${version}`)
}

/** Both are prepared, one is meant: id, title and lane do not depend on the version. */
const perMajor = (major: Look<ContainerdMajor>, stepOf: (major: ContainerdMajor) => Step): Step => {
  const [one, two] = [stepOf(1), stepOf(2)]
  return { ...one, look: choose(major, { cases: { 1: one.look, 2: two.look }, pick: String }) }
}

const configStep = ({ inventory: { cluster }, host }: KinScope, major: ContainerdMajor): Step => {
  const rendered = containerdConfig({ cluster, host }, major)
  return file({ ...containerdFile(rendered), content: rendered.text, secret: rendered.secret, impact: 'restart' })
}

const unitStep = (scope: KinScope, major: ContainerdMajor): Step => {
  const { cluster } = scope.inventory
  const rendered = containerdConfig({ cluster, host: scope.host }, major)
  const config = { path: containerdFile(rendered).path, sha256: contentHash(rendered.text) }
  const wanted: UnitWanted = { name: 'containerd', boot: 'enabled', run: 'running' }
  return unit({ ...wanted, reads: [config, ...dropIn(scope).reads] })
}

const dropIn = ({ inventory: { cluster } }: KinScope) => {
  if (cluster.proxy === null) return { steps: [], reads: [] }
  const place = proxyDropInFile('containerd')
  const content = proxyDropIn(cluster.proxy)
  const folder = place.path.slice(0, place.path.lastIndexOf('/'))
  return {
    steps: [directory({ path: folder, mode: 0o755 }), file({ ...place, content, secret: true })],
    reads: [{ path: place.path, sha256: contentHash(content) }],
  }
}

/** containerd reads these at every pull, so nothing is restarted for them. */
const registrySteps = (registry: Registry): readonly Step[] => {
  const ca = registryCaFile(registry)
  return [
    directory(registryFolder(registry)),
    file({ ...hostsTomlFile(registry), content: hostsToml(registry) }),
    ...(ca === null || registry.ca === null ? [] : [caStep(ca, registry.ca)]),
  ]
}

/** The CA's text is on the operator's machine; it is read when the step is looked at. */
const caStep = (place: { readonly path: string; readonly mode: number }, source: string): Step => {
  const write = (content: string): Step => file({ ...place, content })
  const text = { ...textOf(source), at: 'operator' as const }
  return {
    ...write(''),
    look: chain(
      map(see(text), (content) => content),
      (content) =>
        content === null
          ? { read: () => ({ status: 'unreadable', why: `${source} is not there` }) }
          : write(content).look,
    ),
  }
}
