// Is the machine one that Kubernetes and khactl run on: system, kernel, size.
import { os, type Os } from '../../facts/os.js'
import { machine, type Machine } from '../../facts/preflight/machine.js'
import type { Version } from '../../model/inventory.js'
import { all, see } from '../../model/look.js'
import type { Problem, Step } from '../../model/step.js'
import { isNode } from '../../templates/hosts.js'
import { alike } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'

export const machineChecks = alike((scope): readonly Step[] => {
  const { roles } = scope.host
  const { version, kubeletConfiguration } = scope.inventory.cluster
  const role = roles.includes('master') ? 'master' : roles.includes('worker') ? 'worker' : 'haproxy'
  return [
    preflight(scope, { id: 'khactl:os', title: 'Know the operating system', look: see(os()), problems: osProblems }),
    preflight(scope, {
      id: 'khactl:arch',
      title: 'Know the architecture',
      look: see(os()),
      problems: ({ arch }) =>
        ['x86_64', 'aarch64'].includes(arch)
          ? []
          : [failure(`the architecture is ${arch}; x86_64 or aarch64 is needed`, 'Use another machine.')],
    }),
    preflight(scope, {
      id: 'khactl:systemd',
      title: 'Have systemd as process 1',
      look: all({ os: see(os()), machine: see(machine()) }),
      problems: ({ os: { systemd }, machine: { init } }) =>
        systemd === 'running'
          ? []
          : [failure(`process 1 is ${init}; systemd is needed`, 'Boot the host with systemd.')],
    }),
    preflight(scope, {
      id: 'khactl:root',
      title: 'Be root',
      look: see(machine()),
      problems: ({ uid }) =>
        uid === 0 ? [] : [failure(`commands run as user ${uid}; root is needed`, 'Log in as root, or with sudo.')],
    }),
    preflight(scope, {
      id: 'khactl:kernel',
      title: 'Have a kernel that is new enough',
      look: see(os()),
      problems: ({ kernel }) => (isNode(scope.host) ? kernelProblems(kernel, version) : []),
    }),
    preflight(scope, {
      id: 'khactl:cgroup',
      title: 'Have control groups the kubelet accepts',
      look: see(machine()),
      problems: ({ cgroup }) =>
        isNode(scope.host)
          ? cgroupProblems(cgroup, { version, allowed: kubeletConfiguration['failCgroupV1'] === false })
          : [],
    }),
    preflight(scope, {
      id: 'khactl:cpu',
      title: 'Have enough CPUs',
      of: 'capacity',
      kubeadm: ['NumCPU'],
      look: see(machine()),
      problems: ({ cpus }) => cpuProblems(cpus, role),
    }),
    preflight(scope, {
      id: 'khactl:memory',
      title: 'Have enough memory',
      of: 'capacity',
      kubeadm: ['Mem'],
      look: see(machine()),
      problems: ({ memoryMiB }) => memoryProblems(memoryMiB, role),
    }),
  ]
})

/** Oldest major version that khactl is made for; `proved` ones were run. */
const oldest: Readonly<Record<string, number>> = { debian: 11, ubuntu: 20, rhel: 8 }

export const osProblems = ({ id, family, versionId, name }: Os): readonly Problem[] => {
  if (family === null)
    return [
      failure(
        `${name} is of neither the Debian nor the RHEL family; khactl installs packages with apt or dnf only`,
        'Use Debian, Ubuntu, RHEL, Rocky, AlmaLinux or a distribution that names one of them in ID_LIKE of /etc/os-release.',
      ),
    ]
  const least = id === 'fedora' ? 0 : (oldest[id] ?? (family === 'rhel' ? oldest['rhel'] : undefined) ?? 0)
  const major = Number.parseInt(versionId, 10)
  if (Number.isNaN(major) || major >= least) return []
  return [warning(`${name} is older than khactl is made for (${id} ${least})`, 'Upgrade the distribution first.')]
}

const partsOf = (kernel: string): readonly [number, number] => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? []
  return [Number(major ?? 0), Number(minor ?? 0)]
}

const isOlder = (kernel: string, [major, minor]: readonly [number, number]): boolean => {
  const [a, b] = partsOf(kernel)
  return a < major || (a === major && b < minor)
}

/** kubeadm's own bound is 3.10; 4.19 is what the kubelet is tested with from 1.32 on, RHEL 8's 4.18 has it backported. */
export const kernelProblems = (kernel: string, version: Version): readonly Problem[] => {
  if (isOlder(kernel, [3, 10]))
    return [failure(`the kernel is ${kernel}; Kubernetes needs 3.10 or newer`, 'Upgrade the kernel.')]
  if (version.minor >= 32 && isOlder(kernel, [4, 19]))
    return [
      warning(
        `the kernel is ${kernel}; Kubernetes ${version.text} is tested with 4.19 and newer`,
        'Upgrade the kernel, unless your distribution backports what is missing (RHEL 8 does).',
      ),
    ]
  return []
}

/** kubelet: `failCgroupV1` is true from 1.35 on; maintenance mode since 1.31 (KEP-4569). */
export const cgroupProblems = (
  cgroup: Machine['cgroup'],
  { version, allowed }: { readonly version: Version; readonly allowed: boolean },
): readonly Problem[] => {
  if (cgroup === 'none')
    return [failure('no control groups are mounted at /sys/fs/cgroup', 'Boot the host with systemd and its cgroups.')]
  if (cgroup === 'v2' || version.minor < 31) return []
  const hint = 'Boot with systemd.unified_cgroup_hierarchy=1.'
  if (version.minor >= 35 && !allowed)
    return [
      failure(
        `the host has cgroup v1; the kubelet of Kubernetes ${version.text} refuses to start on it`,
        `${hint} Or set failCgroupV1: false in kubeletConfiguration.`,
      ),
    ]
  return [warning(`the host has cgroup v1, which Kubernetes ${version.text} no longer develops`, hint)]
}

type Size = 'master' | 'worker' | 'haproxy'

export const cpuProblems = (cpus: number, role: Size): readonly Problem[] =>
  role !== 'master' || cpus >= 2
    ? []
    : [failure(`${cpus} CPU; a master needs 2 (kubeadm refuses fewer)`, 'Give the machine another CPU.')]

/** MiB. A master below 1700 is refused by kubeadm; the others are what the daemons use at rest, twice. */
const memoryNeeds: Readonly<Record<Size, { readonly least: number; readonly good: number }>> = {
  master: { least: 1700, good: 1900 },
  worker: { least: 700, good: 1700 },
  haproxy: { least: 200, good: 400 },
}

export const memoryProblems = (memoryMiB: number, role: Size): readonly Problem[] => {
  const { least, good } = memoryNeeds[role]
  const hint = 'Give the machine more memory.'
  const of = role === 'haproxy' ? 'a haproxy host' : `a ${role}`
  if (memoryMiB < least) return [failure(`${memoryMiB} MiB of memory; ${of} needs ${least} MiB`, hint)]
  if (memoryMiB < good) return [warning(`${memoryMiB} MiB of memory; ${of} should have ${good} MiB`, hint)]
  return []
}
