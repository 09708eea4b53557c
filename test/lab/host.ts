// One host: its disk, its boot, its power cut, and commands inside it.

import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupOf, endMembers } from './cgroup.js'
import { makeDisk } from './disk.js'
import { oddityOf } from './odd/hosts.js'
import { plainOddity, type Oddity } from './odd/oddity.js'
import { controllerNamespace, dropNamespace, hostNamespace, insideController } from './network.js'
import type { Paths } from './paths.js'
import { alive, end, recall, remember } from './process.js'
import { controllerOf, type Host } from './profiles.js'
import { run, type RunResult } from './run.js'
import { installScripts } from './scripts.js'

const vethOf = (host: Host): string => `v${host.address.split('.').at(-1) ?? ''}`

export const runs = (paths: Paths, name: string): boolean => {
  const it = recall(paths.state, name)
  return it !== undefined && alive(it)
}

/** Boots a host and waits until it can be logged in to. */
export async function bootHost(paths: Paths, host: Host, rootfs: string): Promise<void> {
  if (runs(paths, host.name)) return
  const disk = join(paths.disks, host.name)
  const odd = host.odd === undefined ? plainOddity : await oddityOf(paths, host.odd)
  await makeDisk(paths, host, { rootfs, odd })
  mkdirSync(paths.log, { recursive: true })
  installScripts(paths)
  const log = openSync(join(paths.log, `${host.name}.log`), 'a')
  const child = spawn(
    'sh',
    [join(paths.state, 'cgroup.sh'), groupOf(paths.lab, '_lab'), 'sh', join(paths.state, 'supervise.sh')],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LAB_HOST: host.name,
        LAB_DISK: disk,
        LAB_ROOTFS: rootfs,
        LAB_GROUP: groupOf(paths.lab, host.name),
        LAB_CTL: controllerNamespace(paths.lab),
        LAB_NETNS: hostNamespace(paths.lab, host.name),
        LAB_VETH: vethOf(host),
        LAB_ADDRESS: host.address,
        LAB_GATEWAY: controllerOf(paths.lab),
        LAB_MAC: host.mac,
        LAB_STATE: paths.state,
        LAB_INNER: odd.inner ?? '',
      },
    },
  )
  closeSync(log)
  if (child.pid === undefined) throw new Error(`cannot start the supervisor of ${host.name}`)
  remember(paths.state, host.name, child.pid)
  child.unref()
  await reachable(paths, host, odd)
}

/** Waits until the key opens a root shell on the host, as khactl will; an odd host may want more than the key. */
async function reachable(paths: Paths, host: Host, odd: Oddity): Promise<void> {
  const seconds = 120
  const deadline = Date.now() + seconds * 1000
  let reason = ''
  while (Date.now() < deadline) {
    if (!runs(paths, host.name)) {
      const log = join(paths.log, `${host.name}.log`)
      throw new Error(
        `${host.name} went off while it booted:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`,
      )
    }
    const answer = await login(paths, host, odd).catch((error: Error) => ({ code: 255, stderr: error.message }))
    if (answer.code === 0) return
    reason = answer.stderr.trim()
    await sleep(250)
  }
  throw new Error(`${host.name} (${host.address}) let nobody in for ${seconds} s: ${reason}`)
}

async function login(paths: Paths, host: Host, odd: Oddity): Promise<RunResult> {
  const command =
    host.odd === undefined
      ? insideController(paths.lab, 'ssh', ...sshOptions(paths), `root@${host.address}`, 'true')
      : insideHost(paths, host.name, 'bash', '-c', listens, 'lab', odd.inner ?? host.address, String(odd.port))
  const [program = '', ...args] = command
  return run(program, args, { accept: [255, 1], timeoutSeconds: 20 })
}

/** PAM lets none but root in before the boot is over. */
const listens =
  '[ ! -e /run/nologin ] && exec 3<>"/dev/tcp/$1/$2" && read -r -t 5 line <&3 && [ "${line#SSH-}" != "$line" ]'

function sshOptions(paths: Paths): string[] {
  const options = ['BatchMode=yes', 'ConnectTimeout=3', 'LogLevel=ERROR', `UserKnownHostsFile=${paths.knownHosts}`]
  return ['-F', '/dev/null', '-i', paths.key, ...options.flatMap((it) => ['-o', it])]
}

/** A power cut: the network is gone at once, then everything that ran. The disk stays. */
export async function killHost(paths: Paths, host: Host): Promise<void> {
  await run('ip', ['-n', controllerNamespace(paths.lab), 'link', 'del', vethOf(host)], { accept: [1] })
  await end(paths.state, host.name, 'SIGKILL')
  await endMembers(groupOf(paths.lab, host.name))
  await dropNamespace(hostNamespace(paths.lab, host.name))
}

/** The PID 1 of a host, as the machine numbers it. */
export function initOf(paths: Paths, name: string): number {
  const supervisor = recall(paths.state, name)
  if (supervisor === undefined || !alive(supervisor)) throw new Error(`${name} does not run; boot it first`)
  const nspawn = children(supervisor.pid).find((pid) => comm(pid) === 'systemd-nspawn')
  const init = nspawn === undefined ? undefined : children(nspawn)[0]
  if (init === undefined) throw new Error(`${name} has not booted yet`)
  return init
}

const children = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

const comm = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

/** Enters a host without SSH. */
export function insideHost(paths: Paths, name: string, ...command: readonly string[]): string[] {
  const group = ['sh', join(paths.state, 'cgroup.sh'), groupOf(paths.lab, name)]
  const namespaces = ['mount', 'uts', 'ipc', 'net', 'pid', 'cgroup'].map((it) => `--${it}`)
  const enter = ['nsenter', `--target=${initOf(paths, name)}`, ...namespaces, '--wdns=/root', '--']
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const env = ['env', '-i', 'HOME=/root', 'USER=root', 'LANG=C.UTF-8', `TERM=${process.env['TERM'] ?? 'dumb'}`, path]
  return [...group, ...enter, ...env, ...command]
}
