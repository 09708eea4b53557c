// khactl as a process of its own on real SSH servers, with signals, for tests of how runs end and meet.
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { scratch } from '../transport/local-shell.js'
import { startSshd, type Sshd } from '../transport/sshd.js'
import { writeInventory } from './real-hosts.js'

const root = resolve(import.meta.dirname, '../..')

export interface Running {
  readonly child: ChildProcess
  /** Both streams, as they came. */
  readonly said: () => string
  /** Resolves once both streams together match; rejects when the process ends first. */
  saying(pattern: RegExp): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly said: string; readonly tookMs: number }>
}

export const start = (
  argv: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Running => {
  const begun = performance.now()
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), join(root, 'src/cli/start.ts'), ...argv],
    {
      cwd,
      env: { ...process.env, XDG_STATE_HOME: join(cwd, 'state'), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let text = ''
  let isOver = false
  const listeners = new Set<() => void>()
  const hear = (chunk: Buffer): void => {
    text += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = new Promise<{ code: number | null; said: string; tookMs: number }>((done) =>
    child.once('close', (code) => {
      isOver = true
      for (const listener of listeners) listener()
      done({ code, said: text, tookMs: performance.now() - begun })
    }),
  )
  const saying = (pattern: RegExp): Promise<void> =>
    new Promise((done, reject) => {
      const listener = (): void => {
        if (pattern.test(text)) done()
        else if (isOver) reject(new Error(`ended before ${String(pattern)}:\n${text}`))
        else return
        listeners.delete(listener)
      }
      listeners.add(listener)
      listener()
    })
  return { child, said: () => text, saying, ended }
}

/** Rejects when the run ends first. */
export const until = async (run: Running, isSo: () => boolean): Promise<void> => {
  let code: number | null | undefined
  void run.ended.then((ended) => (code = ended.code))
  while (!isSo()) {
    if (code !== undefined) throw new Error(`ended with ${code}:\n${run.said()}`)
    await new Promise((next) => setTimeout(next, 50))
  }
}

/** Units that outlive whoever started them; enough of systemd for `transient` (the real one is on the hosts of the lab). */
const units = {
  '/usr/bin/systemd-run': `#!/bin/sh
for a; do case $a in --unit=*) u=/run/systemd/transient/\${a#--unit=};; esac; done
while [ "$1" != -- ]; do shift; done; shift
mkdir -p /run/systemd/transient; : >"$u"
u=$u setsid sh -c '"$@"; rm -f "$u"' sh "$@" </dev/null >/dev/null 2>&1 &
`,
  '/usr/bin/systemctl': `#!/bin/sh
for u; do :; done
case $* in *SubState*) printf 'active\\nrunning\\n';; *) [ -e "/run/systemd/transient/$u" ] && echo active || echo inactive;; esac
`,
}

export interface Site {
  readonly folder: string
  readonly hosts: readonly Sshd[]
  /** Writes a playbook of one stage on all hosts; its path. */
  playbook(name: string, tasks: readonly string[]): string
  stop(): Promise<void>
}

/**
 * A folder with an inventory of so many masters, each a server with a /run of its own. `mv` of a file called `slow` writes
 * `begun` beside it and waits for `go`: an atomic step to be interrupted in.
 */
export const openSite = async (names: readonly string[]): Promise<Site> => {
  const folder = scratch()
  chmodSync(folder, 0o755)
  const program = (path: string, text: string): string => {
    const file = join(folder, path.replaceAll('/', '_'))
    writeFileSync(file, text, { mode: 0o755 })
    return file
  }
  const mv = join(folder, 'real-mv')
  copyFileSync('/usr/bin/mv', mv)
  const slow = `#!/bin/sh\nfor f; do :; done\ncase $f in */slow) d=\${f%/*}; : >"$d/begun"; until [ -e "$d/go" ]; do sleep 0.1; done;; esac\nexec ${mv} "$@"\n`
  const instead = Object.fromEntries(
    Object.entries({ ...units, '/usr/bin/mv': slow }).map(([path, text]) => [path, program(path, text)]),
  )
  const hosts: Sshd[] = []
  for (const _ of names) hosts.push(await startSshd([], ['ed25519'], instead))
  const [first] = hosts
  if (!first) throw new Error('a site needs a host')
  const all = hosts.map((sshd, index) => ({
    name: names[index] ?? '',
    list: 'masters' as const,
    address: `127.0.0.${index + 1}`,
    port: sshd.port,
    key: sshd.key,
  }))
  writeInventory(folder, {
    sshd: first,
    hosts: [...all.slice(0, 1).map((host) => ({ ...host, list: 'haproxy' as const })), ...all],
  })
  mkdirSync(join(folder, 'made'))
  return {
    folder,
    hosts,
    playbook: (name, tasks) => {
      const path = join(folder, name)
      const lines = tasks.map((task) => `      - ${task}\n`).join('')
      writeFileSync(path, `name: mine\nstages:\n  - id: one\n    on: all\n    tasks:\n${lines}`)
      return path
    },
    stop: async () => {
      await Promise.all(hosts.map((sshd) => sshd.stop()))
    },
  }
}
