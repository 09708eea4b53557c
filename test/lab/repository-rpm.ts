// The signed dnf repositories: "base" with what hosts install, preconfigured, and "kubernetes", which khactl adds.

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { aptOptions, updateLists } from './apt.js'
import { digest, piece } from './cache.js'
import { kubernetesPackages, versions } from './packages.js'
import { wrapDebian, wrapKubernetes } from './packages-rpm.js'
import { rootfsRpm } from './rootfs-rpm.js'
import { run } from './run.js'
import { sign, signRpms, signingKeys, type Signer } from './signing.js'

const wanted = `
  haproxy keepalived containerd runc conntrack socat ethtool iptables ipset ipvsadm chrony nftables firewalld
  iputils-arping jq rsync tar wget tcpdump lsof psmisc faketime cron etcd-client
`
  .trim()
  .split(/\s+/)

async function index(folder: string, signer: Signer): Promise<void> {
  await signRpms(
    signer,
    readdirSync(join(folder, 'pool')).map((name) => join(folder, 'pool', name)),
  )
  await run('createrepo_c', ['--quiet', folder], { timeoutSeconds: 300 })
  const metadata = join(folder, 'repodata/repomd.xml')
  await sign(signer, metadata, 'detached', `${metadata}.asc`)
}

export async function baseRpmRepository(): Promise<string> {
  const root = await rootfsRpm()
  await signingKeys()
  return piece(
    {
      kind: 'dnf-base',
      key: digest(root, 'r2', ...wanted),
      title: 'wrap what hosts install as rpms',
      expectedSeconds: 60,
    },
    async (into) => {
      await updateLists()
      const debs = join(into, 'debs')
      mkdirSync(join(debs, 'partial'), { recursive: true })
      const status = join(root, 'usr/lib/khactl-lab/dpkg-status')
      const options = [...aptOptions(status), '-o', `Dir::Cache::Archives=${debs}`, '-o', 'Debug::NoLocking=true']
      for (const name of wanted) {
        const get = ['-q', '-y', '--no-install-recommends', '--download-only', 'install', name]
        await run('apt-get', [...options, ...get], { timeoutSeconds: 600 })
      }
      const found = readdirSync(debs)
        .filter((file) => file.endsWith('.deb'))
        .map((file) => ({ name: file.slice(0, file.indexOf('_')), file: join(debs, file) }))
      const names = new Set(found.map((it) => it.name))
      mkdirSync(join(into, 'pool'))
      for (const it of found) await wrapDebian(it, names, join(into, 'pool'))
      rmSync(debs, { recursive: true })
      await index(into, 'debian')
    },
  )
}

export async function kubernetesRpmRepository(): Promise<string> {
  const packages = await kubernetesPackages('rpm')
  return piece(
    {
      kind: 'dnf-kubernetes',
      key: digest(await signingKeys(), ...versions, JSON.stringify(packages), 'r1'),
      title: 'wrap Kubernetes as rpms',
      expectedSeconds: 20,
    },
    async (into) => {
      mkdirSync(join(into, 'pool'), { recursive: true })
      for (const it of packages) await wrapKubernetes(it, join(into, 'pool'))
      await index(into, 'kubernetes')
    },
  )
}
