// Is nothing on the host that stands in the way: a busy package manager, other runtimes, another cluster, another version.
import { packageState, type PackageState } from '../../facts/package.js'
import { packageManager, type PackageManager } from '../../facts/preflight/package-manager.js'
import { traces, type Traces } from '../../facts/preflight/traces.js'
import { unitState, type UnitState } from '../../facts/unit.js'
import type { HostState } from '../../model/host.js'
import { all, see } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import type { Problem, Step } from '../../model/step.js'
import { isNode } from '../../templates/hosts.js'
import { skewCheck } from '../kubernetes/skew.js'
import { alike, kinOf } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'

export const softwareChecks = (scope: Scope): readonly Step[] => [
  ...sharedSoftwareChecks(scope),
  ...(isNode(scope.host) ? ownSoftwareChecks(scope) : []),
]

const sharedSoftwareChecks = alike((scope) => [
  preflight(scope, {
    id: 'khactl:package-manager',
    title: 'Have a package manager that is at rest',
    look: see(packageManager()),
    problems: packageManagerProblems,
  }),
  ...(isNode(scope.host)
    ? [
        preflight(scope, {
          id: 'khactl:runtimes',
          title: 'Have no other container runtime',
          look: all({
            docker: see(unitState('docker')),
            crio: see(unitState('crio')),
            containerd: see(packageState('containerd')),
            'containerd.io': see(packageState('containerd.io')),
          }),
          problems: (have) => runtimeProblems(have, scope.inventory.cluster.containerd.package),
        }),
      ]
    : []),
])

const ownSoftwareChecks = (scope: Scope): readonly Step[] => {
  const { host, observed, moves } = scope
  return [
    preflight(kinOf(scope), {
      id: 'khactl:leftovers',
      title: 'Have no leftovers of another cluster',
      look: see(traces()),
      problems: (found) =>
        leftoverProblems(found, observed.get(host.name) ?? null, {
          // A worker that is not well is in nobody's way; a master may hold up every join.
          broken: host.roles.includes('master') && moves.length > 0 ? 'failure' : 'warning',
        }),
    }),
    // R-K7; never ignored.
    skewCheck(scope, 'khactl:version'),
  ]
}

/** Neither stops a run: packages wait for the lock up to ten minutes and finish what was interrupted (R-O1). */
export const packageManagerProblems = ({ holder, unfinished }: PackageManager): readonly Problem[] => [
  ...(holder === null
    ? []
    : [
        warning(
          `the package manager's lock is held by process ${holder.pid}: ${holder.command}`,
          'khactl waits for it up to ten minutes; unattended-upgrades after a boot takes that long.',
        ),
      ]),
  ...(unfinished.length === 0
    ? []
    : [
        warning(
          `an installation was interrupted: ${unfinished.join(', ')} not finished`,
          'khactl runs dpkg --configure -a once before it installs; look at it yourself if that fails.',
        ),
      ]),
]

interface Runtimes {
  readonly docker: UnitState
  readonly crio: UnitState
  readonly containerd: PackageState
  readonly 'containerd.io': PackageState
}

export const runtimeProblems = (have: Runtimes, wanted: string): readonly Problem[] => {
  const running = (['docker', 'crio'] as const).filter((name) => have[name].active === 'active')
  const other = wanted === 'containerd' ? 'containerd.io' : wanted === 'containerd.io' ? 'containerd' : null
  const installed = other === null ? null : have[other].installed
  return [
    ...(other !== null && installed !== null
      ? [
          failure(
            `the package ${other} ${installed} is installed; it and ${wanted} exclude each other`,
            `Set containerd.package to ${other} in the inventory, or remove it (and Docker with it) yourself.`,
          ),
        ]
      : []),
    ...running.map((name) =>
      warning(
        `${name} runs here too; the kubelet will use containerd`,
        `Stop it if nothing needs it: systemctl disable --now ${name}.`,
      ),
    ),
  ]
}

export const leftoverProblems = (
  { paths, cni }: Traces,
  state: HostState | null,
  { broken }: { readonly broken: Problem['level'] },
): readonly Problem[] => {
  if (state?.kind === 'foreign')
    return [
      failure(
        `the host belongs to another cluster: ${state.why}`,
        'Take it out of the inventory, or kubeadm reset it.',
      ),
    ]
  if (state?.kind === 'broken' && broken === 'failure')
    return [
      failure(
        `the host is a master that is not well, while others are to join: ${state.why}`,
        'Bring it back first: members join a control plane that is whole.',
      ),
    ]
  if (state?.kind === 'broken')
    return [
      warning(
        `the host is a member that is not well: ${state.why}`,
        'up mends what it can see, and leaves its membership as it is.',
      ),
    ]
  if (state?.kind !== 'fresh') return []
  return [
    ...(paths.length === 0
      ? []
      : [
          failure(
            `there are leftovers of a cluster: ${paths.join(', ')}`,
            'Run kubeadm reset on the host, or remove them yourself if nothing needs them.',
          ),
        ]),
    ...(cni.length === 0
      ? []
      : [
          warning(
            `there are CNI configurations already: ${cni.join(', ')}`,
            'The first by name wins: remove them unless your network brings its own with a name before theirs.',
          ),
        ]),
  ]
}
