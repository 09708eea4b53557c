// Brings a lab up, or what is missing of one that runs or crashed, and boots single hosts.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { clear } from './down.js'
import { bootHost, runs } from './host.js'
import { writeInventory } from './inventory.js'
import { locked } from './lock.js'
import { makeNetwork } from './network.js'
import { cacheRoot, stateRoot, type Paths } from './paths.js'
import { say, stage } from './progress.js'
import { makeOddities } from './odd/lab.js'
import { hostOf, profile, type Host } from './profiles.js'
import { rootfsDeb } from './rootfs-deb.js'
import { run } from './run.js'
import { prepareServices, startServices } from './services.js'
import { readState, requireState, writeState, type LabState } from './state.js'
import { keepSysctls } from './sysctl.js'
import { needTools, requireMachine } from './tools.js'

export const lockOf = (paths: Paths): string => join(stateRoot, `${paths.lab}.lock`)

async function rootfsOf(host: Pick<Host, 'system' | 'odd'>, { nameless }: Pick<LabState, 'nameless'>): Promise<string> {
  if (host.system === 'rpm') return (await import('./rootfs-rpm.js')).rootfsRpm()
  return rootfsDeb(nameless ? 'python' : host.odd === undefined ? 'plain' : 'odd')
}

export async function up(paths: Paths, profileName: string, count: number): Promise<void> {
  requireMachine()
  if (!Number.isInteger(count) || count < 1) throw new Error('--hosts takes a number from 1 on')
  const wanted = profile(profileName, count)
  const hosts = wanted.hosts.map((name, index): Host => {
    const odd = wanted.oddities?.[index]
    return { ...hostOf(paths.lab, name, wanted.system), ...(odd === undefined ? {} : { odd }) }
  })
  await locked(lockOf(paths), 3600, async () => {
    const before = readState(paths)
    if (before !== undefined && before.profile !== wanted.name) {
      throw new Error(`the lab "${paths.lab}" runs profile ${before.profile}; first: npm run lab -- down`)
    }
    // disks without a record are left over from a machine that went down
    if (before === undefined) await clear(paths)
    const begun = Date.now()
    mkdirSync(cacheRoot, { recursive: true })
    await needTools()
    const rootfs = await rootfsOf(hosts[0] ?? { system: wanted.system }, wanted)
    const services = await prepareServices(wanted.system)
    const added = before?.hosts.filter((it) => !hosts.some((host) => host.name === it.name)) ?? []
    const state: LabState = {
      profile: wanted.name,
      system: wanted.system,
      nameless: wanted.nameless,
      hosts: [...hosts, ...added],
    }
    keepSysctls()
    await makeKey(paths)
    writeState(paths, state)
    await makeNetwork(paths.lab)
    const odd = wanted.oddities === undefined ? undefined : await makeOddities(paths)
    await startServices(paths, services, odd?.registry)
    await bootAll(paths, hosts, rootfs)
    await writeInventory(paths, hosts, { profile: wanted, services, odd })
    say(`the lab "${paths.lab}" is up after ${Math.round((Date.now() - begun) / 1000)} s`)
  })
  say(howToGoOn(paths, hosts[0]))
}

async function bootAll(paths: Paths, hosts: readonly Host[], rootfs: string): Promise<void> {
  const off = hosts.filter((host) => !runs(paths, host.name))
  if (off.length === 0) return
  const limit = pLimit(8)
  await stage(`boot ${off.length === 1 ? off[0]?.name : `${off.length} hosts`}`, 2 + off.length, async () => {
    await Promise.all(off.map((host) => limit(() => bootHost(paths, host, rootfs))))
  })
}

async function makeKey(paths: Paths): Promise<void> {
  mkdirSync(paths.state, { recursive: true, mode: 0o700 })
  if (existsSync(paths.key)) return
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `khactl lab ${paths.lab}`, '-f', paths.key])
}

/** Boots a host with the disk it had, or a new one with a disk of its own. */
export async function boot(paths: Paths, name: string, system: string | undefined): Promise<void> {
  requireMachine()
  if (system !== undefined && system !== 'deb' && system !== 'rpm') throw new Error('--system is deb or rpm')
  await locked(lockOf(paths), 600, async () => {
    const state = requireState(paths)
    const host = state.hosts.find((it) => it.name === name) ?? hostOf(paths.lab, name, system ?? state.system)
    if (runs(paths, name)) return
    const rootfs = await rootfsOf(host, state)
    await makeNetwork(paths.lab)
    if (!state.hosts.some((it) => it.name === name)) writeState(paths, { ...state, hosts: [...state.hosts, host] })
    await bootAll(paths, [host], rootfs)
    process.stdout.write(`${host.address}\n`)
  })
}

const howToGoOn = (paths: Paths, first: Host | undefined): string => `
  inventory   ${paths.inventory}
  go on       npm run lab -- exec -- node dist/cli/main.cjs up ${paths.inventory}
  look        npm run lab -- host ${first?.name ?? 'NAME'} -- journalctl -e
  log in      npm run lab -- exec -- ssh -i ${paths.key} -o UserKnownHostsFile=${paths.knownHosts} root@${first?.address ?? ''}
  end         npm run lab -- down`
