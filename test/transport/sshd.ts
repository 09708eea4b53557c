// A real sshd on 127.0.0.1 with a configuration of its own, keys and, where asked for, a user to throw away.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { HostName } from '../../src/model/host.js'
import type { Host, SshTarget } from '../../src/model/inventory.js'
import { has, scratch } from './local-shell.js'

const program = '/usr/sbin/sshd'
const isRoot = process.getuid?.() === 0

/** Why real sshd tests are skipped here; empty: they run. */
export const noSshd = !existsSync(program) ? ' (no sshd here: skipped)' : isRoot ? '' : ' (not root here: skipped)'
export const noSudo = noSshd || (has('sudo') && has('useradd') ? '' : ' (no sudo here: skipped)')

export interface Sshd {
  readonly port: number
  readonly folder: string
  /** Private key that may log in. */
  readonly key: string
  /** The process of the listener. */
  readonly pid: number
  /** What it has logged so far. */
  readonly log: () => string
  host(target?: Partial<SshTarget> & { name?: string }): Host
  stop(): Promise<void>
}

export const makeKey = (file: string, type = 'ed25519', more: readonly string[] = ['-N', '']): string => {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-C', 'khactl-test', '-f', file, ...more])
  return file
}

/** A /run of its own, as a host has, so that servers of this machine hold their locks apart; programs in the place of others. */
const ownRun =
  'mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/sshd && while [ "$1" != -- ]; do mount --bind "$1" "$2" && shift 2 || exit 1; done; shift; exec "$@"'

export const startSshd = async (
  lines: readonly string[] = [],
  hostKeyTypes: readonly string[] = ['ed25519'],
  /** Files of this machine, by the program whose place they take on the server. */
  instead: Readonly<Record<string, string>> = {},
  /** Options of unshare(1): what else it has of its own. */
  apart: readonly string[] = [],
): Promise<Sshd> => {
  const folder = scratch()
  // The server reads the keys as the user who logs in.
  chmodSync(folder, 0o755)
  const key = makeKey(join(folder, 'id'))
  const authorized = join(folder, 'authorized_keys')
  writeFileSync(authorized, readFileSync(`${key}.pub`))
  const hostKeys = hostKeyTypes.map((type) => makeKey(join(folder, `host_${type}`), type))
  const port = await freePort()
  const config = join(folder, 'sshd_config')
  writeFileSync(
    config,
    [
      ...lines,
      // Addresses of hosts are all different in an inventory.
      ...[1, 2, 3].map((last) => `ListenAddress 127.0.0.${last}:${port}`),
      ...hostKeys.map((file) => `HostKey ${file}`),
      `AuthorizedKeysFile ${authorized}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'LogLevel VERBOSE',
    ].join('\n'),
  )
  const binds = Object.entries(instead).flatMap(([path, file]) => [file, path])
  const server = ['sh', '-c', ownRun, 'sh', ...binds, '--', program, '-D', '-e', '-f', config]
  const child = spawn('unshare', ['--mount', ...apart, ...server], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  await listening(port, { child, log: () => log })
  return {
    port,
    folder,
    key,
    pid: child.pid ?? 0,
    log: () => log,
    host: (target = {}) => hostOf({ port, keys: [key], knownHosts: join(folder, 'known_hosts'), ...target }),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        // unshare holds on to what it forked, unless it is killed itself.
        child.kill(apart.length > 0 ? 'SIGKILL' : 'SIGTERM')
      }),
  }
}

export const hostOf = ({ name = 'web-1', ...ssh }: Partial<SshTarget> & { name?: string }): Host => ({
  name: name as HostName,
  roles: ['worker'],
  ssh: {
    address: '127.0.0.1',
    port: 22,
    user: 'root',
    keys: [],
    agent: 'ignore',
    knownHosts: '/nonexistent/known_hosts',
    hostKeys: 'accept-new',
    pinned: null,
    passphrase: null,
    password: null,
    jump: [],
    client: 'ssh2',
    config: 'ignore',
    sudoPassword: null,
    ...ssh,
  },
  nodeIP: '127.0.0.1',
  labels: {},
  taints: [],
  kubeletConfiguration: {},
  interface: null,
})

/** A user without a password; `sudo` may become root without one too. */
export const makeUser = (manner: 'sudo' | 'plain'): { readonly name: string; remove(): void } => {
  const name = `khactl-${process.pid}-${manner}`
  const rule = `/etc/sudoers.d/${name}`
  execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', '--home-dir', '/nonexistent', '-p', '*', name])
  if (manner === 'sudo') writeFileSync(rule, `${name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 })
  return {
    name,
    remove: () => {
      rmSync(rule, { force: true })
      spawnSync('userdel', ['--force', name])
    },
  }
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

const listening = async (port: number, { child, log }: { child: ChildProcess; log: () => string }): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${log()}`)
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('error', () => resolve(false))
      socket.once('data', () => {
        socket.destroy()
        resolve(true)
      })
    })
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
