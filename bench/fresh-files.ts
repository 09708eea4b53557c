// What the bare script of the fresh bench gets: the configuration files of a cluster that khactl made, and kubeadm's.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadInventory } from '../src/inventory/load.js'
import { secret } from '../src/model/command.js'
import type { Host, Inventory } from '../src/model/inventory.js'
import { hostsWith } from '../src/templates/hosts.js'
import { controlPlaneImages, pauseImage } from '../src/templates/images.js'
import { kubeadmInitConfig, kubeadmInitFlags, kubeadmJoinConfig } from '../src/templates/kubeadm.js'
import type { Lab } from '../test/e2e/support/lab.js'

/** What khactl wrote, without what packages brought along. */
const written = [
  ...['etc/hosts', 'etc/modules-load.d/khactl.conf', 'etc/sysctl.d/99-khactl.conf', 'etc/apt/keyrings/khactl-*'],
  ...['etc/apt/sources.list.d/khactl-*', 'etc/containerd/config.toml', 'etc/containerd/certs.d', 'etc/crictl.yaml'],
  ...['etc/haproxy/haproxy.cfg', 'etc/keepalived/keepalived.conf', 'usr/libexec/keepalived/khactl-*'],
]

/** The environment of bench/peers/bare-up.sh. The lab must hold a cluster that khactl made from its inventory. */
export const bareEnvironment = async (lab: Lab, folder: string): Promise<Readonly<Record<string, string>>> => {
  const state = dirname(lab.inventory)
  const { inventory } = await loadInventory({ file: lab.inventory, env: {}, home: folder, cacheDir: folder })
  if (inventory === null) throw new Error(`${lab.inventory} cannot be read`)
  mkdirSync(folder, { recursive: true })
  for (const { name } of inventory.hosts) {
    const script = `cd / && for p in ${written.join(' ')}; do [ ! -e "$p" ] || echo "$p"; done | tar -cf - -T - | base64 -w0`
    writeFileSync(join(folder, `${name}.tar`), Buffer.from(await lab.on(name, script), 'base64'))
  }
  const [first, ...others] = hostsWith(inventory, 'master')
  if (!first) throw new Error('a cluster has a master')
  writeFileSync(join(folder, 'init.yaml'), initConfig(inventory, first))
  const nodes = [...others, ...hostsWith(inventory, 'worker')]
  for (const host of nodes) writeFileSync(join(folder, `join-${host.name}.yaml`), joinConfig(inventory, host))
  copyFileSync(join(state, 'cni.yaml'), join(folder, 'cni.yaml'))
  const namesOf = (role: 'haproxy' | 'master' | 'worker') =>
    hostsWith(inventory, role)
      .map(({ name, nodeIP }) => `${name}=${nodeIP}`)
      .join(' ')
  const images = controlPlaneImages(inventory.cluster).filter((image) => !image.includes('coredns'))
  return {
    FILES: folder,
    // One connection a host, kept: as somebody does who wants it fast.
    SSH: `ssh -i ${join(state, 'id_ed25519')} -o UserKnownHostsFile=${join(state, 'known_hosts')} -o BatchMode=yes -o ControlMaster=auto -o ControlPersist=600 -o ControlPath=${folder}/%C`,
    LBS: namesOf('haproxy'),
    MASTERS: namesOf('master'),
    WORKERS: namesOf('worker'),
    INIT_FLAGS: kubeadmInitFlags(inventory.cluster).join(' '),
    VERSION: inventory.cluster.version.text,
    IMAGES_master: images.join(' '),
    IMAGES_worker: [images.find((image) => image.includes('kube-proxy')), pauseImage(inventory.cluster)].join(' '),
    KUBECONFIG_TO: join(folder, 'kubeconfig'),
  }
}

/** One token and one key for all joins, made beforehand: whoever scripts it once need not mint. */
const initConfig = (inventory: Inventory, host: Host): string =>
  kubeadmInitConfig(inventory, host)
    .replace('kind: InitConfiguration\n', 'kind: InitConfiguration\ncertificateKey: "@key@"\n')
    .replace(/ttl: .*\n/, 'ttl: 1h0m0s\n    token: "@token@"\n')

const joinConfig = (inventory: Inventory, host: Host): string => {
  const isMaster = host.roles.includes('master')
  const parts = kubeadmJoinConfig(inventory, {
    host,
    token: secret('@token@'),
    caCertHashes: ['@hash@'],
    certificateKey: isMaster ? secret('@key@') : null,
  })
  return parts.map((part) => (typeof part === 'string' ? part : part.reveal())).join('')
}
