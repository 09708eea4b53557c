// The disk of a host: a layer over the shared root file system, with what makes this host itself.

import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hashedPattern, hostPattern } from './odd/known-hosts.js'
import { plainOddity, type Oddity } from './odd/oddity.js'
import { makeAccounts } from './odd/users.js'
import type { Paths } from './paths.js'
import { controllerOf, type Host } from './profiles.js'
import { run } from './run.js'
import { siteFiles } from './site.js'

/** Makes the disk unless it is there already: a host that is booted again finds its own. */
export async function makeDisk(
  paths: Paths,
  host: Host,
  { rootfs, odd = plainOddity }: { readonly rootfs: string; readonly odd?: Oddity },
): Promise<void> {
  const disk = join(paths.disks, host.name)
  if (existsSync(disk)) return
  const part = `${disk}.part`
  rmSync(part, { recursive: true, force: true })
  for (const folder of ['upper/etc/ssh', 'upper/root/.ssh', 'work', 'root']) {
    mkdirSync(join(part, folder), { recursive: true })
  }
  // containerd and the kubelet need a plain file system there, not a layered one
  await run('cp', ['-a', join(rootfs, 'var/lib'), join(part, 'var-lib')])
  for (const [path, text, mode] of [...(await ownFiles(paths, host)), ...odd.files]) {
    const file = join(part, 'upper', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: mode ?? 0o644 })
  }
  makeAccounts(join(part, 'upper'), { rootfs, odd })
  await run('chmod', ['700', join(part, 'upper/root'), join(part, 'upper/root/.ssh')])
  const lines: string[] = []
  for (const type of ['ed25519', 'ecdsa']) {
    const file = join(part, 'upper/etc/ssh', `ssh_host_${type}_key`)
    await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', host.name, '-f', file])
    const [kind, key] = readFileSync(`${file}.pub`, 'utf8').split(' ')
    const names = [odd.inner ?? host.address, host.name].map((it) => hostPattern(it, odd.port))
    const pattern = odd.known === 'hashed' ? hashedPattern(names[0] ?? '') : names.join(',')
    lines.push(`${pattern} ${kind} ${key}\n`)
  }
  const known = { plain: paths.knownHosts, hashed: `${paths.knownHosts}_hashed`, nowhere: null }[odd.known]
  if (known !== null) appendFileSync(known, lines.join(''))
  renameSync(part, disk)
}

async function ownFiles(paths: Paths, host: Host): Promise<(readonly [string, string, number?])[]> {
  return [
    ['etc/hostname', `${host.name}\n`],
    ['etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${host.name}\n\n::1\tlocalhost ip6-localhost ip6-loopback\n`],
    ['etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444],
    // nobody answers there: no name of the outside world resolves in the lab
    ['etc/resolv.conf', `nameserver ${controllerOf(paths.lab)}\n`],
    ['etc/fstab', '# <file system> <mount point> <type> <options> <dump> <pass>\n'],
    // containers that ignore SIGTERM hold a reboot for that long, with systemd's default 90 s
    ['etc/systemd/system.conf.d/50-lab.conf', '[Manager]\nDefaultTimeoutStopSec=20s\n'],
    ['root/.ssh/authorized_keys', readFileSync(`${paths.key}.pub`, 'utf8'), 0o600],
    ...(await siteFiles(paths.lab, host.system)),
  ]
}
