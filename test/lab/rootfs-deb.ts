// The root file system that all Debian hosts share: small, with sshd, and with nothing of Kubernetes.

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codename, sourcesFile } from './apt.js'
import { digest, piece } from './cache.js'
import { run } from './run.js'

export const basePackages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'iproute2',
  'iputils-ping',
  'procps',
  'curl',
  'sudo',
  'kmod',
  'netbase',
  'ca-certificates',
  'less',
]

/** Containers need what nspawn leaves private or read-only: mount propagation and the cgroup controllers. */
const mounts = `#!/bin/sh
# Part of the lab: what a machine of its own would have.
mount --make-rshared /
for top in /sys/fs/cgroup/*/; do
  mountpoint -q "$top" && mount -o remount,bind,rw "$top"
done
exit 0
`

const unit = `[Unit]
Description=Lab: mounts as on a machine of its own
DefaultDependencies=no
Before=sysinit.target
After=local-fs.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/khactl-lab/mounts
`

/** Files of every host of the lab, whatever its distribution. */
export const commonFiles: readonly (readonly [path: string, text: string, mode: number])[] = [
  ['usr/lib/khactl-lab/mounts', mounts, 0o755],
  ['usr/lib/systemd/system/khactl-lab-mounts.service', unit, 0o644],
]

export function finishRootfs(root: string): void {
  for (const [path, text, mode] of commonFiles) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), mode)
  }
  const wants = join(root, 'usr/lib/systemd/system/sysinit.target.wants')
  mkdirSync(wants, { recursive: true })
  symlinkSync('../khactl-lab-mounts.service', join(wants, 'khactl-lab-mounts.service'))
  // each host gets keys and an id of its own
  for (const kind of ['rsa', 'ecdsa', 'ed25519']) {
    rmSync(join(root, `etc/ssh/ssh_host_${kind}_key`), { force: true })
    rmSync(join(root, `etc/ssh/ssh_host_${kind}_key.pub`), { force: true })
  }
  writeFileSync(join(root, 'etc/machine-id'), '')
}

/** What each kind of host has beside that. */
const more = {
  plain: [],
  // another shell, and a language whose messages are translated
  odd: ['tcsh', 'locales'],
  // for the tools that khactl is measured against
  python: ['python3', 'python3-apt'],
} as const
export type RootfsKind = keyof typeof more
const names = { plain: 'rootfs-deb', odd: 'rootfs-odd', python: 'rootfs-python' } as const
const titles = { plain: 'Debian hosts', odd: 'odd Debian hosts', python: 'Debian hosts with Python' } as const
const germanLocale = 'chroot "$1" localedef -i de_DE -f UTF-8 de_DE.UTF-8'

export const rootfsDeb = (kind: RootfsKind): Promise<string> => {
  const packages = [...basePackages, ...more[kind]]
  return piece(
    {
      kind: names[kind],
      key: digest(codename(), ...packages, ...commonFiles.flat().map(String)),
      title: `make the root file system of ${titles[kind]} (${codename()})`,
      expectedSeconds: 50,
    },
    async (into) => {
      await run(
        'mmdebstrap',
        [
          '--variant=minbase',
          `--include=${packages.join(',')}`,
          ...(kind === 'odd' ? [`--customize-hook=${germanLocale}`] : []),
          ...[codename(), into, sourcesFile()],
        ],
        { timeoutSeconds: 900 },
      )
      rmSync(join(into, 'etc/apt/sources.list.d'), { recursive: true })
      mkdirSync(join(into, 'etc/apt/sources.list.d'))
      finishRootfs(into)
    },
  )
}
