// The files of a run over stand-ins: keys, known_hosts, the inventory, and what the server of the stand-ins is told.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Standing } from './standing.js'

export interface Site {
  readonly inventory: string
  /** Of the first hosts alone: what is changed there is so for all, since there is one world behind them. */
  readonly few: string
  /** For bench/width/stand-in.ts. */
  readonly server: string
}

const port = 2222

/** One haproxy host, one master, the rest workers; a single host is haproxy host and master in one. */
export const writeSite = (folder: string, count: number): Site => {
  mkdirSync(folder, { recursive: true })
  const [login, hostKey] = ['id', 'host'].map((name) => keyIn(join(folder, name))) as [string, string]
  const hosts = Array.from({ length: count }, (_, index) => standing(index, Math.min(2, count)))
  const [, publicKey = ''] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ')
  writeFileSync(
    join(folder, 'known_hosts'),
    hosts.map(({ address }) => `[${address}]:${port} ssh-ed25519 ${publicKey}\n`).join(''),
  )
  const server = join(folder, 'stand-ins.json')
  writeFileSync(server, JSON.stringify({ port, hostKey: readFileSync(hostKey, 'utf8'), hosts }))
  const inventory = join(folder, 'inventory.yaml')
  writeFileSync(inventory, inventoryOf(hosts, login))
  const few = join(folder, 'few.yaml')
  writeFileSync(few, inventoryOf(hosts.slice(0, 3), login))
  return { inventory, few, server }
}

const keyIn = (file: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'khactl-bench', '-f', file])
  return file
}

const standing = (index: number, few: number): Standing => {
  const name = ['haproxy-1', 'master-1'].slice(2 - few)[index] ?? `worker-${index - few + 1}`
  const last = `${Math.floor((index + 1) / 250)}.${((index + 1) % 250) + 1}`
  return {
    name,
    address: `127.77.${last}`,
    nodeIP: `10.77.${last}`,
    mac: `02:77:00:00:${[index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
    machineId: createHash('md5').update(String(index)).digest('hex'),
  }
}

const inventoryOf = (hosts: readonly Standing[], login: string): string => {
  const [first, second = first, ...rest] = hosts
  const entries = (of: readonly (Standing | undefined)[]): string =>
    of
      .flatMap((host) => (host === undefined ? [] : [host]))
      .map(({ name, address, nodeIP }) => `\n  - { name: ${name}, address: ${address}, nodeIP: ${nodeIP} }`)
      .join('')
  return `apiVersion: khactl/v1
cluster:
  name: wide
  version: 1.30.4
  cni: none
  packages: { source: host }
  os: { hostsFile: leave }
  imageRepository: 10.77.255.2:5000/images
  registries: [{ host: "10.77.255.2:5000", plainHttp: true }]
  endpoint: { kind: haproxy, vip: 10.77.250.100, vipPrefix: 16, port: 16443 }
  podSubnet: 10.128.0.0/12
  serviceSubnet: 10.96.0.0/12
ssh: { user: root, port: ${port}, key: ${login}, knownHosts: ./known_hosts }
haproxy:${entries([first])}
masters:${entries([second])}
workers:${rest.length === 0 ? ' []' : entries(rest)}
`
}
