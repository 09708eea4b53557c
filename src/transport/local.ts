// The machine khactl runs on, behind the same interface as a host: one sh a request, as the user who runs khactl.
import { spawn } from 'node:child_process'
import { wire } from '../model/command.js'
import { KhactlError } from '../model/error.js'
import type { HostName } from '../model/host.js'
import type { Answer, Request, Session } from '../model/session.js'

/** The script goes in through a pipe of its own: nothing of it is in argv. */
const reader = 'eval "$(cat <&3)" 3<&-'

export const localSession = (host: HostName, env: Readonly<Record<string, string | undefined>>): Session => ({
  host,
  request: (_, request) => run(request, { ...env, LC_ALL: 'C', TZ: 'UTC' }),
  roundTrips: () => 0,
  lock: () => Promise.resolve({ kind: 'held' }),
  close: () => Promise.resolve(),
})

const run = (request: Request, env: NodeJS.ProcessEnv): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', reader], {
      env,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C is for khactl alone, which lets the command end.
      detached: true,
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(
        new KhactlError('local.deadline', {
          message: `a command on this machine did not end within ${Math.round(request.within / 1000)} s`,
          exit: 'failed',
        }),
      )
    }, request.within)
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ status: code ?? (signal ? 137 : 1), stdout: Buffer.concat(out), stderr: Buffer.concat(err) })
    })
    // A script that does not read its input closes the pipe early; that is no failure.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(request.stdin ?? '')
    const scriptPipe = child.stdio[3] as NodeJS.WritableStream
    scriptPipe.on('error', () => undefined)
    scriptPipe.end(wire(typeof request.script === 'function' ? request.script() : request.script))
  })
