// What may differ on a host between its state before khactl up and after khactl reset, each with its reason (docs/reset.md).
import { differences, type HostSnapshot } from './snapshot.js'

interface Allowed {
  readonly path: RegExp
  readonly why: string
}

/** Without --packages software stays, and with it dependencies, which `apt autoremove` takes: files that no package owns. */
export const allowedFiles: readonly Allowed[] = [
  { path: /^\/etc\/(passwd|shadow|group|gshadow)-?$/, why: 'users that package scripts make' },
  { path: /^\/etc\/rc[\dS]\.d\/[KS]\d\d\w+$/, why: 'update-rc.d, called by package scripts and by systemctl' },
  { path: /^\/etc\/alternatives\/[\w-]+$/, why: 'update-alternatives of iptables and ebtables' },
  { path: /^\/usr\/sbin\/(ip6?|arp|eb)tables(-restore|-save)?$/, why: 'links of update-alternatives' },
  {
    path: /^\/etc\/ld\.so\.cache$|^\/var\/cache\/(ldconfig|debconf|apt)\//,
    why: 'caches of ldconfig, debconf and apt',
  },
  {
    path: /^\/var\/lib\/(dpkg|rpm|dnf|apt|systemd|containerd|kubelet|haproxy|chrony|cni|etcd|ucf|pam|misc)(\/|$)/,
    why: 'databases of packages, and folders that their services keep',
  },
  { path: /^\/usr\/lib\/sysimage(\/|$)|^\/var\/cache\/(dnf|yum)(\/|$)/, why: 'databases and caches of rpm and dnf' },
  {
    path: /^\/etc\/chrony(\/|$)|^\/etc\/apparmor\.d\/local|^\/etc\/systemd\/system\/(chronyd\.service|multi-user\.target\.wants\/chrony)/,
    why: 'the time service stays',
  },
  {
    path: /^\/(usr\/lib|lib)\/(systemd\/system|modules|x86_64-linux-gnu)(\/|$)|^\/usr\/(sbin|bin|libexec\/kubernetes)(\/|$)/,
    why: 'software behind the links of a merged /usr, and folders of the kubelet',
  },
  { path: /^\/opt\/(containerd|cni)(\/|$)/, why: "folders that containerd makes, and network plugins' programs" },
  {
    path: /^\/etc\/(cni(\/net\.d)?|kubernetes(\/manifests)?|containerd|haproxy|keepalived)$/,
    why: 'empty folders: packages and kubeadm make them',
  },
  {
    path: /^\/etc\/(dnf\/plugins|yum\/pluginconf\.d)\/versionlock\.(list|conf)$/,
    why: 'the plugin that holds packages stays, its list without lines of khactl',
  },
  { path: /^\/var\/tmp\/systemd-private-/, why: 'a folder for each service that runs' },
  { path: /^\/root\/\.\w*history$|^\/etc\/\.pwd\.lock$/, why: 'logins and tools' },
]

/**
 * Values in force stay until the next boot; without bridges the next two do not even exist. The rest is what every kubelet sets
 * at its start, and of the whole machine: the lab's hosts share one kernel.
 */
const allowedSysctls =
  /^net\.ipv4\.ip_forward$|^net\.bridge\.bridge-nf-call-ip6?tables$|^kernel\.panic(_on_oops)?$|^vm\.overcommit_memory$/

/** The time service stays; what khactl ran is stopped, and does not start at boot. */
const timeService = /^(chronyd?|chrony-\w+@?|systemd-timesyncd)\.(service|timer)$/

/** Differences that have no reason, as `KIND NAME: before → after`; empty is as it should be. */
export const unjustified = (before: HostSnapshot, after: HostSnapshot): readonly string[] => {
  const changed = [...differences(before.files, after.files)]
  // What a package owns is the package's, if it was not there before.
  const files = changed.filter(
    ([path, { from }]) =>
      /khactl/.test(path) ||
      !((from === undefined && after.owned.has(path)) || allowedFiles.some((one) => one.path.test(path))),
  )
  const packages = [...differences(before.packages, after.packages)].filter(
    ([, { from, to }]) => from !== undefined || to === undefined || !to.endsWith(' install'),
  )
  const units = [...differences(before.units, after.units)].filter(
    ([name, { from, to }]) =>
      !timeService.test(name) &&
      !(from === undefined && /^(disabled|static|alias|indirect|generated)\b(?!.* active$)/.test(to ?? '')),
  )
  const sysctls = [...differences(before.sysctls, after.sysctls)].filter(([name]) => !allowedSysctls.test(name))
  const text =
    (kind: string) =>
    ([name, { from, to }]: (typeof changed)[number]) =>
      `${kind} ${name}: ${from ?? 'absent'} → ${to ?? 'absent'}`
  return [
    ...files.map(text('file')),
    ...packages.map(text('package')),
    ...units.map(text('unit')),
    ...sysctls.map(text('sysctl')),
  ]
}
