// The root file system of rpm hosts: Debian's userland with a real dnf, a real rpm database and a name of the RHEL family.

import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codename, sourcesFile } from './apt.js'
import { digest, piece } from './cache.js'
import { basePackages, commonFiles, finishRootfs } from './rootfs-deb.js'
import { buildRpm, type Rpm } from './rpm.js'
import { run, sh } from './run.js'

const release = '9'
const packages = [...basePackages, 'dnf', 'dnf-plugins-core', 'rpm']

const osRelease = `NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"
ANSI_COLOR="0;32"
`

const files: readonly (readonly [string, string])[] = [
  ['usr/lib/os-release', osRelease],
  ['etc/redhat-release', 'Rocky Linux release 9.4 (Blue Onyx)\n'],
  ['etc/dnf/vars/releasever', `${release}\n`],
  ['etc/dnf/dnf.conf', '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\n'],
  // it wants createrepo_c, and no host of the RHEL family has it enabled
  ['etc/dnf/plugins/local.conf', '[main]\nenabled = false\n'],
  ['etc/dnf/plugins/versionlock.conf', '[main]\nenabled = 1\nlocklist = /etc/dnf/plugins/versionlock.list\n'],
  ['etc/dnf/plugins/versionlock.list', ''],
  // Debian's rpm keeps its database under the home of root
  ['etc/rpm/macros', '%_dbpath /var/lib/rpm\n%_db_backend sqlite\n'],
]

/** What a host of the family has from the start, so that the rpm database knows of it: name → what else it provides. */
const presentAlready: Readonly<Record<string, readonly string[]>> = {
  'rocky-release': ['system-release', 'redhat-release'],
  bash: ['/bin/sh', '/usr/bin/sh', '/bin/bash', '/usr/bin/bash'],
  coreutils: [],
  systemd: ['/usr/bin/systemctl'],
  'util-linux': [],
  'shadow-utils': ['/usr/sbin/useradd'],
  iproute: [],
  'procps-ng': [],
  kmod: [],
  curl: [],
  sudo: [],
  dnf: [],
  'dnf-plugins-core': ['python3-dnf-plugins-core', 'python3-dnf-plugin-versionlock', 'dnf-command(versionlock)'],
  rpm: [],
  'openssh-server': [],
  'ca-certificates': [],
  python3: [],
}

const stub = (name: string, provides: readonly string[]): Rpm => ({
  name,
  version: name === 'rocky-release' ? '9.4' : '1',
  release: 'lab',
  summary: `${name}, which the lab's root file system has from Debian`,
  requires: [],
  provides,
  scripts: {},
  root: undefined,
})

/** Debian's own tools would tell a program that the host is not what it says it is. */
const hideApt = `cd "$1"
ln -sf bash usr/bin/sh
for tool in apt apt-get apt-cache apt-mark apt-key apt-config; do rm -f "usr/bin/$tool"; done
cp var/lib/dpkg/status usr/lib/khactl-lab/dpkg-status
for tool in dpkg dpkg-query dpkg-deb dpkg-split dpkg-divert dpkg-statoverride dpkg-trigger; do rm -f "usr/bin/$tool"; done
rm -rf etc/apt etc/debian_version var/lib/apt var/cache/apt var/lib/dpkg usr/share/doc/*
rm -f etc/dnf/protected.d/* etc/systemd/system/dnf-*.timer
chroot . rpm --initdb
chroot . rpm --install --justdb --nodeps --quiet /usr/lib/khactl-lab/stubs/*.rpm
rm -rf usr/lib/khactl-lab/stubs
[ ! -e root/.rpmdb ] || rm -rf root/.rpmdb
`

export const rootfsRpm = (): Promise<string> =>
  piece(
    {
      kind: 'rootfs-rpm',
      key: digest(
        codename(),
        hideApt,
        JSON.stringify(presentAlready),
        ...packages,
        ...files.flat(),
        ...commonFiles.flat().map(String),
      ),
      title: 'make the root file system of rpm hosts',
      expectedSeconds: 60,
    },
    async (into) => {
      await run(
        'mmdebstrap',
        ['--variant=minbase', `--include=${packages.join(',')}`, codename(), into, sourcesFile()],
        { timeoutSeconds: 900 },
      )
      for (const [path, text] of files) {
        mkdirSync(dirname(join(into, path)), { recursive: true })
        writeFileSync(join(into, path), text)
      }
      if (!existsSync(join(into, 'etc/os-release'))) symlinkSync('../usr/lib/os-release', join(into, 'etc/os-release'))
      for (const name of readdirSync(join(into, 'etc')).filter((it) => it === 'yum.repos.d')) {
        rmSync(join(into, 'etc', name), { recursive: true })
      }
      mkdirSync(join(into, 'etc/yum.repos.d'))
      const stubs = join(into, 'usr/lib/khactl-lab/stubs')
      mkdirSync(stubs, { recursive: true })
      for (const [name, provides] of Object.entries(presentAlready)) await buildRpm(stub(name, provides), stubs)
      await sh(hideApt, [into])
      finishRootfs(into)
    },
  )
