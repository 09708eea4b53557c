// The remote program in a shell of this machine, and what is to be had here to run it in.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostName } from '../../src/model/host.js'
import { rootShellArguments } from '../../src/transport/root-shell.js'
import { createNonce, openShell, type RootShell, type ShellOptions } from '../../src/transport/shell.js'
import type { Place } from '../../src/transport/ssh-error.js'

export const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

export const shells: readonly (readonly string[])[] = [['dash'], ['bash'], ['busybox', 'sh']]

export const place: Place = {
  name: 'web-1' as HostName,
  ssh: {
    address: '10.0.0.1',
    port: 22,
    user: 'root',
    keys: [],
    agent: 'ignore',
    knownHosts: '/nonexistent',
    hostKeys: 'strict',
    pinned: null,
    passphrase: null,
    password: null,
    jump: [],
    client: 'ssh2',
    config: 'ignore',
    sudoPassword: null,
  },
}

export interface LocalShell extends RootShell {
  /** The process of the loop. */
  readonly pid: number
  /** Drops the link: the far end sees the end of its input. */
  readonly cut: () => void
  readonly exited: Promise<number | null>
  readonly lock: string
}

export const openLocal = async (
  shell: readonly string[],
  options: Partial<ShellOptions> & { lock?: string; noise?: string; silence?: number } = {},
): Promise<LocalShell> => {
  const ready = createNonce()
  const lock = options.lock ?? join(scratch(), 'lock')
  const terminal = options.terminal ?? 'none'
  const args = rootShellArguments({ shell, ready, lock, silence: options.silence ?? 40, terminal })
  const loud = options.noise === undefined ? '' : `printf '%s' '${options.noise}'; printf '%s' '${options.noise}' >&2; `
  const child =
    terminal === 'pty'
      ? spawn('script', ['-qefc', ['stty raw -echo; exec env', ...args.map(quoted)].join(' '), '/dev/null'])
      : spawn('sh', ['-c', `${loud}exec env "$@"`, 'sh', ...args], { stdio: 'pipe' })
  child.stdin.on('error', () => undefined)
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const wire: ShellOptions['wire'] = {
    write: (bytes) => void child.stdin.write(bytes),
    end: () => void (terminal === 'pty' ? child.kill('SIGKILL') : child.stdin.end()),
    listen: (ears) => {
      child.stdout.on('data', ears.stdout)
      child.stderr.on('data', ears.stderr)
      child.on('exit', (status, signal) => ears.closed({ status, signal }))
    },
  }
  const abandon = (): void => void child.stdin.destroy()
  const root = openShell({ wire, place, ready, terminal, abandon, ...options })
  await root.started
  return { ...root, pid: child.pid ?? 0, cut: () => void child.stdin.destroy(), exited, lock }
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

const folders: string[] = []
export const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-transport-'))
  folders.push(folder)
  return folder
}
export const removeScratch = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** Resolves as soon as it is so; rejects after `within` milliseconds. */
export const until = async (isSo: () => boolean, within = 10_000): Promise<void> => {
  const late = Date.now() + within
  while (!isSo()) {
    if (Date.now() > late) throw new Error('it did not come to pass')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether it still runs: one that has ended waits, as a zombie, for a parent that may be slow to ask. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
