// Inventories whose hosts are real SSH servers on this machine, for commands that connect.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sshd } from '../transport/sshd.js'

export interface RealHost {
  readonly name: string
  readonly list: 'haproxy' | 'masters' | 'workers'
  /** An address of this machine that no other host of the inventory has. */
  readonly address: string
  readonly port: number
  /** Absent: the key of the server that the inventory is written for. */
  readonly key?: string
}

/** Writes inventory.yaml into the folder. */
export const writeInventory = (folder: string, { sshd, hosts }: { sshd: Sshd; hosts: readonly RealHost[] }): void => {
  mkdirSync(folder, { recursive: true })
  const entries = (list: RealHost['list']): readonly string[] =>
    hosts
      .filter((host) => host.list === list)
      .map(
        ({ name, address, port, key = sshd.key }) =>
          `  - { name: ${name}, address: ${address}, ssh: { port: ${port}, key: ${key} }, nodeIP: 10.0.0.${100 + hosts.findIndex((host) => host.name === name)} }`,
      )
  writeFileSync(
    join(folder, 'inventory.yaml'),
    [
      'apiVersion: khactl/v1',
      `ssh: { user: root, key: ${sshd.key}, agent: ignore, knownHosts: ${join(sshd.folder, 'known_hosts')} }`,
      'cluster:',
      '  name: lab',
      '  version: 1.30.4',
      '  endpoint: { kind: haproxy, vip: 10.0.0.10, port: 8443 }',
      '  packages: { source: host }',
      '  cni: none',
      ...(['haproxy', 'masters', 'workers'] as const).flatMap((list) => {
        const lines = entries(list)
        return lines.length === 0 ? [] : [`${list}:`, ...lines]
      }),
      '',
    ].join('\n'),
  )
}

/** One server that is haproxy host and master m1, at this port of 127.0.0.1. */
export const writeOneHost = (folder: string, { sshd, port }: { readonly sshd: Sshd; readonly port: number }): void => {
  const m1 = { name: 'm1', address: '127.0.0.1', port }
  writeInventory(folder, {
    sshd,
    hosts: [
      { ...m1, list: 'haproxy' },
      { ...m1, list: 'masters' },
    ],
  })
}
