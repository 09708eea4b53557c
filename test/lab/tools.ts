// What the machine must have: root, Debian's apt, and the programs the lab is made with.

import { existsSync } from 'node:fs'
import { codename } from './apt.js'
import { stage } from './progress.js'
import { run } from './run.js'

/** package → a file that proves it is there */
const forHosts: Record<string, string> = {
  'systemd-container': '/usr/bin/systemd-nspawn',
  mmdebstrap: '/usr/bin/mmdebstrap',
  iproute2: '/bin/ip',
  'openssh-client': '/usr/bin/ssh',
  'busybox-static': '/bin/busybox',
  'ca-certificates': '/etc/ssl/certs',
}

const forClusters: Record<string, string> = {
  'golang-go': '/usr/bin/go',
  'golang-github-modern-go-reflect2-dev': '/usr/share/gocode/src/github.com/modern-go/reflect2/reflect2.go',
  'dpkg-dev': '/usr/bin/dpkg-source',
  make: '/usr/bin/make',
  gcc: '/usr/bin/gcc',
  'libc6-dev': '/usr/include/stdio.h',
  rsync: '/usr/bin/rsync',
  'apt-utils': '/usr/bin/apt-ftparchive',
  gnupg: '/usr/bin/gpg',
  'docker-registry': '/usr/bin/docker-registry',
  skopeo: '/usr/bin/skopeo',
  rpm: '/usr/bin/rpmbuild',
  'createrepo-c': '/usr/bin/createrepo_c',
}

export function requireMachine(): void {
  const wants: string[] = []
  if (process.platform !== 'linux') wants.push('Linux')
  if (process.getuid?.() !== 0) wants.push('root (it makes network namespaces, mounts and cgroups)')
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) wants.push('Debian 12 or its like, with apt')
  else if (codename() !== 'bookworm') wants.push(`Debian 12 "bookworm" (this is "${codename()}")`)
  if (!existsSync('/sys/fs/cgroup')) wants.push('cgroups mounted at /sys/fs/cgroup')
  if (wants.length > 0) throw new Error(`the lab needs ${wants.join(', ')}`)
}

export async function needTools(): Promise<void> {
  const missing = Object.entries({ ...forHosts, ...forClusters }).filter(([, file]) => !existsSync(file))
  if (missing.length === 0) return
  const names = missing.map(([name]) => name)
  await stage(`install ${names.join(', ')}`, 60, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['-q', 'update'], { timeoutSeconds: 300 })
    await run('apt-get', ['-q', '-y', '--no-install-recommends', 'install', ...names], { env, timeoutSeconds: 900 })
    await stopRegistryOfTheMachine()
  })
}

/** Debian's docker-registry package starts a service; the lab runs its own instead. */
async function stopRegistryOfTheMachine(): Promise<void> {
  if (!existsSync('/run/systemd/system')) return
  await run('systemctl', ['disable', '--now', 'docker-registry.service'], { accept: [1, 5], timeoutSeconds: 30 })
}
