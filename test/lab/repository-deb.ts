// The signed apt repositories: "debian" with what hosts install, preconfigured, and "kubernetes", which khactl adds.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptOptions, updateLists } from './apt.js'
import { digest, piece } from './cache.js'
import { crictl, kubernetes } from './kubernetes.js'
import { kubernetesPackages, versions } from './packages.js'
import { buildDeb } from './packages-deb.js'
import { rootfsDeb } from './rootfs-deb.js'
import { run, sh } from './run.js'
import { sign, signingKeys, type Signer } from './signing.js'

/** What khactl and its users may install on hosts. */
const wanted = `
  haproxy keepalived containerd runc conntrack socat ebtables ethtool iptables ipset ipvsadm chrony
  systemd-timesyncd ntp nftables ufw firewalld arping iputils-arping curl wget gnupg
  apt-transport-https ca-certificates python3 python3-apt jq rsync tcpdump netcat-openbsd etcd-client
  faketime openssh-client openssh-sftp-server psmisc libpam-systemd cron unattended-upgrades lsof
  bash-completion tar xz-utils open-iscsi nfs-common apparmor util-linux-extra systemd-resolved
  rsyslog logrotate
`
  .trim()
  .split(/\s+/)

/** Turns a folder with pool/ into a signed repository with the suite "stable". */
async function index(folder: string, architecture: string, label: string, signer: Signer): Promise<void> {
  const script = `cd "$1"
mkdir -p "dists/stable/main/binary-$2"
apt-ftparchive packages pool >"dists/stable/main/binary-$2/Packages"
gzip -9kn "dists/stable/main/binary-$2/Packages"
apt-ftparchive -o APT::FTPArchive::Release::Origin="khactl lab" -o APT::FTPArchive::Release::Label="$3" \
  -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable \
  -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures="$2" \
  release dists/stable >Release.new
mv Release.new dists/stable/Release
`
  await sh(script, [folder, architecture, label], { timeoutSeconds: 300 })
  const release = join(folder, 'dists/stable/Release')
  await sign(signer, release, 'inline', join(folder, 'dists/stable/InRelease'))
  await sign(signer, release, 'detached', join(folder, 'dists/stable/Release.gpg'))
}

const architectureOf = async (): Promise<string> => (await run('dpkg', ['--print-architecture'])).stdout.trim()

/** Debian's packages with all that they need beyond what the hosts have. */
export async function debianRepository(): Promise<string> {
  const root = await rootfsDeb('plain')
  await signingKeys()
  return piece(
    {
      kind: 'apt-debian',
      key: digest(root, ...wanted),
      title: 'fetch the Debian packages that hosts install',
      expectedSeconds: 60,
    },
    async (into) => {
      await updateLists()
      mkdirSync(join(into, 'pool/partial'), { recursive: true })
      const options = [
        ...aptOptions(join(root, 'var/lib/dpkg/status')),
        '-o',
        `Dir::Cache::Archives=${join(into, 'pool')}`,
        '-o',
        'Debug::NoLocking=true',
      ]
      // one by one: some of them exclude each other
      for (const name of wanted) {
        await run('apt-get', [...options, '-q', '-y', '--download-only', 'install', name], { timeoutSeconds: 600 })
      }
      for (const name of readdirSync(join(into, 'pool'))) {
        if (!name.endsWith('.deb')) rmSync(join(into, 'pool', name), { recursive: true })
      }
      await index(into, await architectureOf(), 'Debian', 'debian')
    },
  )
}

export async function kubernetesDebRepository(): Promise<string> {
  const parts = [await kubernetes(), await crictl(), await signingKeys()]
  const packages = await kubernetesPackages('deb')
  return piece(
    {
      kind: 'apt-kubernetes',
      key: digest(...parts, ...versions, JSON.stringify(packages), 'r1'),
      title: 'wrap Kubernetes as .deb packages',
      expectedSeconds: 15,
    },
    async (into) => {
      mkdirSync(join(into, 'pool'), { recursive: true })
      const architecture = await architectureOf()
      for (const it of packages) await buildDeb(it, architecture, join(into, 'pool'))
      await index(into, architecture, 'Kubernetes', 'kubernetes')
      writeFileSync(join(into, 'README'), 'The lab makes these packages from Debian sources of Kubernetes.\n')
    },
  )
}
