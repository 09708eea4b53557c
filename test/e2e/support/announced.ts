// Holds two snapshots of a host against a plan, in both directions.
import type { PlanJson } from '../../../src/report/plan-json.js'
import { differences, type HostSnapshot } from './snapshot.js'

export interface Announced {
  /** Files and folders by path; also those of steps that were unknown. */
  readonly paths: ReadonlySet<string>
  readonly packages: ReadonlySet<string>
  readonly units: ReadonlySet<string>
  readonly member: boolean
}

export const announcedBy = (plan: PlanJson, host: string): Announced => {
  const entries = plan.entries.filter(
    (entry) => entry.host === host && ['would-change', 'unknown'].includes(entry.verdict),
  )
  const changes = entries.flatMap((entry) => entry.changes.map(({ path }) => path))
  const unknown = entries.filter(({ verdict }) => verdict === 'unknown').map(({ step }) => step)
  const told = [...changes, ...unknown.map((step) => step.replace(/^(file|directory):/, ''))]
  const words = (first: string): ReadonlySet<string> =>
    new Set(told.filter((path) => path.startsWith(`${first} `)).map((path) => path.split(' ')[1] ?? ''))
  return {
    paths: new Set(told.filter((path) => path.startsWith('/')).map((path) => path.split(' ')[0] ?? '')),
    packages: words('package'),
    units: words('unit'),
    member: told.some((path) => path.startsWith('cluster member')),
  }
}

interface Held {
  readonly was: HostSnapshot
  readonly is: HostSnapshot
  readonly announced: Announced
}

/** Written by package managers, packages' scripts and systemd when software is installed or enabled. */
const byPackages = [
  /^\/(usr|var\/(lib|cache|spool|mail|local)|boot|opt\/cni)(\/|$)/,
  /^\/etc\/(passwd|shadow|group|gshadow|subuid|subgid)-?$/,
  /^\/etc\/(ld\.so\.cache|ld\.so\.conf\.d|alternatives|rc\d\.d|rcS\.d|init\.d|default|systemd\/system|logrotate\.d|apparmor\.d|ssl|ca-certificates|cron\.\w+|profile\.d|bash_completion\.d|rsyslog\.d|dbus-1|sensors|snmp|netconfig|protocols|services|ethertypes|mailcap|.*\.dpkg-\w+)/,
  /^\/etc\/systemd(\/system)?$/,
  // configuration that chrony's package script makes when it is installed
  /^\/etc\/chrony\/chrony\.(conf|keys)$/,
]
/** Written by kubeadm, the kubelet and the network plugin on a host that joins. */
const byMembership = [/^\/etc\/(kubernetes|cni)(\/|$)/, /^\/opt(\/|$)/, /^\/root\/\.kube/]
/** Changed by a running system and by logins. */
const byLife = [
  /^\/(root|etc\/resolv\.conf|etc\/mtab|etc\/\.updated|var\/\.updated)$/,
  /^\/root\/\.\w*history$/,
  /^\/etc\/\.pwd\.lock$/,
  /^\/var\/tmp\/systemd-private-/,
]

/** What changed and nobody announced. */
export const unannounced = ({ was, is, announced }: Held): readonly string[] => {
  const excused = [...byPackages, ...byLife, ...(announced.member ? byMembership : [])]
  const owned = is.owned
  const files = [...differences(was.files, is.files)].filter(
    ([path]) =>
      !announced.paths.has(path) &&
      !owned.has(path) &&
      !excused.some((pattern) => pattern.test(path)) &&
      // a folder in which an announced file was made
      ![...announced.paths, ...owned].some((one) => one.startsWith(`${path}/`)),
  )
  const packages = [...differences(was.packages, is.packages)].filter(
    ([name]) => !announced.packages.has(name) && !is.automatic.has(name),
  )
  const units = [...differences(was.units, is.units)].filter(
    ([name, { from }]) =>
      from !== undefined && !announced.units.has(name) && !announced.units.has(name.replace(/\.service$/, '')),
  )
  return [
    ...files.map(([path, { from, to }]) => `${path} changed unannounced: ${from ?? 'absent'} → ${to ?? 'absent'}`),
    ...packages.map(([name, { to }]) => `package ${name} is ${to ?? 'absent'} unannounced`),
    ...units.map(([name, { from, to }]) => `unit ${name} was ${from} and is ${to} unannounced`),
  ]
}

/** What was announced and did not change. */
export const undone = ({ was, is, announced }: Held): readonly string[] => {
  const files = differences(was.files, is.files)
  const packages = differences(was.packages, is.packages)
  const units = differences(was.units, is.units)
  return [
    ...[...announced.paths]
      .filter((path) => !files.has(path))
      .map((path) => `${path} was announced and did not change`),
    ...[...announced.packages]
      .filter((name) => !packages.has(name))
      .map((name) => `package ${name} was announced and did not change`),
    ...[...announced.units]
      .filter((name) => !units.has(name) && !units.has(`${name}.service`))
      .map((name) => `unit ${name} was announced and did not change`),
  ]
}
