// systemd for one machine without it: `systemd-run`, `systemctl` and a young or old first process, as far as transient units need.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wire, type Command } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import type { HostName } from '../../src/model/host.js'
import type { Answer } from '../../src/model/session.js'
import type { RunOptions, Writer } from '../../src/model/step.js'

/** Runs the unit's command in a session of its own, its pid kept; what else is told of the unit is of no interest here. */
const systemdRun = (units: string) => `#!/bin/sh
while [ "$1" != -- ]; do case $1 in --unit=*) u=\${1#--unit=};; esac; shift; done; shift
[ ! -s ${units}/$u ] || ! kill -0 "$(cat ${units}/$u)" 2>/dev/null || { echo "Unit $u already exists" >&2; exit 1; }
setsid "$@" & echo $! >${units}/$u`
const systemctl = (units: string) => `#!/bin/sh
for u; do :; done
p=$(cat ${units}/$u 2>/dev/null)
case $1 in
show) if [ -n "$p" ] && kill -0 "$p" 2>/dev/null && ! grep -q '^State:.Z' /proc/$p/status; then echo active; else echo inactive; fi;;
stop) kill -s TERM -- "-$p"; sleep 0.2; kill -s KILL -- "-$p" 2>/dev/null; :;;
esac`

export interface FakeSystemd {
  readonly folder: string
  /** Like a root shell's: throws `ssh.lost` and kills the waiter when `cutAfter` lines came, or at once for 0. */
  writer(cutAfter?: readonly (number | 'never' | 'unsent')[]): Writer
  /** What a restart of the host leaves of its memory. */
  restart(): void
  readonly answers: Answer[]
  remove(): void
}

export const createFakeSystemd = (): FakeSystemd => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-systemd-'))
  const [bin, units, run] = ['bin', 'units', 'run'].map((name) => join(folder, name)) as [string, string, string]
  for (const one of [bin, units, run]) mkdirSync(one)
  writeFileSync(join(bin, 'systemd-run'), systemdRun(units), { mode: 0o755 })
  writeFileSync(join(bin, 'systemctl'), systemctl(units), { mode: 0o755 })
  let bootedAt = performance.now() - 1_000_000
  const answers: Answer[] = []
  /** The host's places in the scratch folder instead, and a clock since its start. */
  const local = (script: string): string => {
    writeFileSync(join(folder, 'stat'), `1 (systemd) S ${'0 '.repeat(18)}0 0\n`)
    writeFileSync(join(folder, 'uptime'), `${((performance.now() - bootedAt) / 1000).toFixed(2)} 0.00\n`)
    return (
      script
        .replaceAll('/run/khactl', join(run, 'khactl'))
        // Its clock goes on while a script waits; its age since a restart does not matter to a second.
        .replaceAll('</proc/uptime', `<${folder}/uptime`)
        .replaceAll('/proc/1/stat', `${folder}/stat`)
        .replaceAll('PATH=/usr/local/sbin', `PATH=${bin}:/usr/local/sbin`)
    )
  }
  const lost = () => new KhactlError('ssh.lost', { message: 'the connection was lost', exit: 'unreachable' })

  const send = (command: Command, { options, cut }: { options: RunOptions; cut: number | 'never' | 'unsent' }) =>
    new Promise<Answer>((resolve, reject) => {
      if (cut === 'unsent') return reject(lost())
      const child: ChildProcess = spawn('/bin/sh', ['-c', local(wire(command))], {
        detached: true,
        env: { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` },
        stdio: 'pipe',
      })
      const out: Buffer[] = []
      const err: Buffer[] = []
      let lines = 0
      const drop = (): void => {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
        reject(lost())
      }
      child.stdout?.on('data', (chunk: Buffer) => {
        out.push(chunk)
        for (const line of chunk.toString().split('\n').slice(0, -1)) {
          lines += 1
          options.onLine?.(line)
        }
        if (cut !== 'never' && cut > 0 && lines >= cut) drop()
      })
      child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(options.stdin ?? '')
      child.on('close', (status) => {
        const answer = { status: status ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }
        answers.push(answer)
        if ((options.expect ?? [0]).includes(answer.status)) resolve(answer)
        else reject(new KhactlError('step.command', { message: answer.stderr.toString(), exit: 'failed' }))
      })
    })

  return {
    folder,
    answers,
    writer: (cuts = []) => {
      let sent = 0
      return {
        host: 'web-1' as HostName,
        run: (command, options = {}) => {
          const cut = cuts[sent] ?? 'never'
          sent += 1
          return send(command, { options, cut })
        },
      }
    },
    restart: () => {
      for (const unit of [units, run]) {
        rmSync(unit, { recursive: true })
        mkdirSync(unit)
      }
      bootedAt = performance.now()
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** How often something was noted in a file by the body of a job. */
export const timesIn = (file: string): number => {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}
