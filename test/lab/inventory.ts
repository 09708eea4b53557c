// Writes the inventory of a lab and what lies beside it: all that khactl must know, from this one function.

import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { cniManifest, imageRepository } from './cni.js'
import { entryOf, type Entry, type OddLab } from './odd/lab.js'
import type { Paths } from './paths.js'
import { controllerOf, vipOf, type Host, type Profile, type Role } from './profiles.js'
import type { Services } from './services.js'
import { signingKeys } from './signing.js'
import { registryPort, siteUrl } from './site.js'

async function byRole(
  paths: Paths,
  hosts: readonly Host[],
  profile: Profile,
): Promise<Record<Exclude<Role, 'host'>, Entry[]>> {
  // without a role in their names, the first two carry the endpoint and the control plane
  const few = hosts.length < 3 ? 0 : 1
  const roleOf = (host: Host, index: number): Role => {
    if (!profile.nameless) return host.role
    return index < few ? 'haproxy' : index === few ? 'master' : 'worker'
  }
  const pick = (role: Role): Promise<Entry[]> =>
    Promise.all(hosts.filter((it, index) => roleOf(it, index) === role).map((it) => entryOf(paths, it)))
  return { haproxy: await pick('haproxy'), master: await pick('master'), worker: await pick('worker') }
}

/** What hosts in containers cannot do, said in the words of the programs that would try (docs/lab.md says why). */
const bendings = {
  containerd: { restrictOomScoreAdj: true },
  kubeProxyConfiguration: { conntrack: { maxPerCore: 0, min: 0 } },
  skipPhases: ['addon/coredns'],
}

function packages(lab: string): object {
  return {
    source: 'repository',
    apt: [
      {
        name: 'kubernetes',
        url: siteUrl(lab, 'apt/kubernetes'),
        suite: 'stable',
        components: ['main'],
        key: './kubernetes-apt.asc',
      },
    ],
    dnf: [{ name: 'kubernetes', url: siteUrl(lab, 'dnf/kubernetes'), key: './kubernetes-dnf.asc' }],
  }
}

export async function writeInventory(
  paths: Paths,
  hosts: readonly Host[],
  {
    profile,
    services,
    odd,
  }: {
    readonly profile: Profile
    readonly services: Services
    readonly odd: OddLab | undefined
  },
): Promise<void> {
  const roles = await byRole(paths, hosts, profile)
  const inventory = {
    apiVersion: 'khactl/v1',
    cluster: {
      name: paths.lab,
      version: '1.20.2',
      endpoint: { kind: 'haproxy', vip: vipOf(paths.lab), ...odd?.endpoint },
      podSubnet: '10.244.0.0/16',
      serviceSubnet: '10.96.0.0/12',
      imageRepository: imageRepository(paths.lab),
      registries: [{ host: `${controllerOf(paths.lab)}:${registryPort}`, plainHttp: true, ...odd?.credentials }],
      packages: packages(paths.lab),
      cni: { manifest: './cni.yaml' },
      ...bendings,
    },
    ssh: { user: 'root', key: './id_ed25519', knownHosts: './known_hosts' },
    haproxy: roles.haproxy,
    masters: roles.master,
    workers: roles.worker,
  }
  writeFileSync(paths.inventory, stringify(inventory))
  await writeBeside(paths, services)
}

async function writeBeside(paths: Paths, services: Services): Promise<void> {
  const key = join(await signingKeys(), 'kubernetes.asc')
  cpSync(key, join(paths.state, 'kubernetes-apt.asc'))
  cpSync(key, join(paths.state, 'kubernetes-dnf.asc'))
  writeFileSync(join(paths.state, 'cni.yaml'), cniManifest(paths.lab))
  for (const [name, folder] of Object.entries(services.directories)) {
    rmSync(join(paths.state, name), { force: true })
    symlinkSync(folder, join(paths.state, name))
  }
}
