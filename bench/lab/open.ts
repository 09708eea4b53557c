// The lab that a benchmark runs on: brought up when it does not run, and left running for the next one.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { insideHost } from '../../test/lab/host.js'
import { controllerNamespace } from '../../test/lab/network.js'
import { pathsOf, type Paths } from '../../test/lab/paths.js'
import { run } from '../../test/lab/run.js'
import { readState } from '../../test/lab/state.js'
import type { Timed } from '../harness/process.js'

const root = resolve(import.meta.dirname, '../..')

export interface BenchHost {
  readonly name: string
  /** Where it is logged in to. */
  readonly address: string
  /** What the hosts call it. */
  readonly nodeIP: string
  readonly group: 'haproxy' | 'master' | 'worker'
}

export interface BenchLab {
  readonly paths: Paths
  readonly knownHosts: string
  readonly hosts: readonly BenchHost[]
  /** The network that the hosts' addresses are reachable in. */
  readonly network: string
  /** The benchmark's own, beside the lab's, which stays as it is. */
  readonly inventory: string
  /** Where what is made for a benchmark lies; gone with the lab. */
  readonly folder: string
  /** A shell script inside a host, not over SSH; rejects unless it exits 0. */
  on(host: string, script: string): Promise<string>
}

/** A setting that every host has, so that there is one to change on every host; each network namespace has its own. */
export const siteSysctls = { 'net.ipv4.tcp_keepalive_time': '600' } as const

const lab = async (name: string, ...args: readonly string[]): Promise<void> => {
  const command = [join(root, 'test/lab/main.ts'), ...args]
  const env = { ...process.env, KHACTL_LAB: name }
  await run(join(root, 'node_modules/.bin/tsx'), command, { env, timeoutSeconds: 3600 })
}

/** `many` of ten hosts, or `ha`. A lab of that name with another profile is taken down: it is the benchmarks' own. */
export const openLab = async (profile: 'many' | 'ha', say: (line: string) => void): Promise<BenchLab> => {
  const name = process.env['KHACTL_LAB'] ?? 'bench'
  const runs = readState(pathsOf(name))?.profile
  if (runs !== undefined && runs !== profile) {
    say(`taking the lab "${name}" down, which runs ${runs}`)
    await lab(name, 'down')
  }
  say(`bringing the lab "${name}" up, profile ${profile}`)
  await lab(name, 'up', '--profile', profile, ...(profile === 'many' ? ['--hosts', '10'] : []))
  const paths = pathsOf(name)
  const folder = join(paths.state, 'bench')
  mkdirSync(folder, { recursive: true })
  const inventory = join(dirname(paths.inventory), 'bench.yaml')
  const hosts = writeInventory(paths, inventory)
  return {
    paths,
    knownHosts: paths.knownHosts,
    hosts,
    network: controllerNamespace(name),
    inventory,
    folder,
    on: async (host, script) => {
      const [command = '', ...args] = insideHost(paths, host, 'sh', '-c', script)
      return (await run(command, args, { timeoutSeconds: 120 })).stdout
    },
  }
}

type Entries = readonly Pick<BenchHost, 'name' | 'address'>[]
interface Document {
  readonly haproxy: Entries
  readonly masters: Entries
  readonly workers: Entries
}

const writeInventory = (paths: Paths, file: string): readonly BenchHost[] => {
  const document = parseDocument(readFileSync(paths.inventory, 'utf8'))
  document.setIn(['cluster', 'os', 'sysctls'], siteSysctls)
  const text = String(document)
  // Written again it would be younger than what khactl made of it.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  const { haproxy, masters, workers } = document.toJS() as Document
  const of = (group: BenchHost['group'], entries: Entries): readonly BenchHost[] =>
    entries.map(({ name, address }) => ({ name, address, nodeIP: address, group }))
  return [...of('haproxy', haproxy), ...of('master', masters), ...of('worker', workers)]
}

const program = join(root, 'dist/cli/main.cjs')

/** khactl as a person runs it. Its logs stay with the lab. */
export const khactl = ({ network, folder }: BenchLab, ...args: readonly string[]): Timed => ({
  command: [process.execPath, program, ...args],
  network,
  env: { XDG_STATE_HOME: folder },
})

/** OpenSSH's client with the lab's key, host keys and nothing of the person's own configuration. */
export const sshCommand = ({ paths, knownHosts }: BenchLab): string => {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'LogLevel=ERROR', `UserKnownHostsFile=${knownHosts}`]
  return ['ssh', '-F', 'none', '-i', paths.key, ...options.flatMap((option) => ['-o', option])].join(' ')
}

/** `ssh HOST true` to every host at once; fails when one of them does. */
export const sshEverywhere = (lab: BenchLab): Timed => {
  const logins = lab.hosts.map(({ address }) => `${sshCommand(lab)} root@${address} true & pids="$pids $!"`)
  const script = `${logins.join('\n')}\nfor pid in $pids; do wait $pid || exit 1; done`
  return { command: ['bash', '-c', script], network: lab.network }
}

/** A program with nothing of khactl's that logs in everywhere and asks one script of some sixty facts. */
export const floor = ({ paths, hosts, network }: BenchLab): Timed => ({
  command: [process.execPath, join(root, 'bench/floor.mjs'), paths.key, ...hosts.map(({ address }) => address)],
  network,
})
