// The hosts of a lab as if they were far away: the same lab, logged in to through a relay.
import { spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { isMap, isSeq, parseDocument } from 'yaml'
import type { Carried } from '../harness/relay.js'
import type { BenchHost, BenchLab } from './open.js'

const root = resolve(import.meta.dirname, '../..')

export interface FarLab extends BenchLab {
  /** Connections that ended since it was last asked. */
  carried(): readonly Carried[]
  stop(): Promise<void>
}

/** Each host at an address of its own of the loopback network, port 22: nothing but the address differs for a client. */
export const farLab = async (lab: BenchLab, delayMs: number): Promise<FarLab> => {
  const far = lab.hosts.map((host, index): BenchHost => ({ ...host, address: `127.0.1.${index + 1}` }))
  const ways = far.map(({ address, nodeIP }) => ({
    listen: { host: address, port: 22 },
    to: { host: nodeIP, port: 22 },
  }))
  const folder = join(lab.folder, `far-${delayMs}`)
  mkdirSync(folder, { recursive: true })
  const knownHosts = join(folder, 'known_hosts')
  copyFileSync(lab.knownHosts, knownHosts)
  for (const { address, nodeIP } of far) appendFileSync(knownHosts, knownAs(knownHosts, { address, nodeIP }))
  const { stop, carried } = await startProcess(lab.network, { ways, delayMs })
  return { ...lab, hosts: far, knownHosts, folder, inventory: writeInventory(lab, { far, knownHosts }), carried, stop }
}

const knownAs = (file: string, { address, nodeIP }: Pick<BenchHost, 'address' | 'nodeIP'>): string =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${nodeIP},`))
    .map((line) => `${address} ${line.slice(line.indexOf(' ') + 1)}\n`)
    .join('')

const writeInventory = (
  lab: BenchLab,
  { far, knownHosts }: { readonly far: readonly BenchHost[]; readonly knownHosts: string },
): string => {
  const document = parseDocument(readFileSync(lab.inventory, 'utf8'))
  document.setIn(['ssh', 'knownHosts'], knownHosts)
  for (const group of ['haproxy', 'masters', 'workers']) {
    const entries = document.get(group)
    if (!isSeq(entries)) throw new Error(`the lab's inventory has no list ${group}`)
    for (const entry of entries.items) {
      const host = isMap(entry) ? far.find(({ name }) => name === entry.get('name')) : undefined
      if (!isMap(entry) || !host) throw new Error(`an entry of ${group} is no host of the lab`)
      entry.set('address', host.address)
      entry.set('nodeIP', host.nodeIP)
    }
  }
  const file = join(dirname(lab.inventory), 'far.yaml')
  writeFileSync(file, String(document))
  return file
}

const startProcess = async (network: string, what: object): Promise<Pick<FarLab, 'stop' | 'carried'>> => {
  const program = [join(root, 'node_modules/.bin/tsx'), join(root, 'bench/harness/relay-main.ts')]
  const child = spawn('nsenter', [`--net=/run/netns/${network}`, '--', ...program, JSON.stringify(what)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((done) => child.once('close', () => done()))
  let carried: Carried[] = []
  await new Promise<void>((ready, reject) => {
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the relay ended: ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') ready()
      else carried.push(JSON.parse(line) as Carried)
    })
  })
  return {
    carried: () => {
      const seen = carried
      carried = []
      return seen
    },
    stop: async () => {
      child.stdin.end()
      await gone
    },
  }
}
