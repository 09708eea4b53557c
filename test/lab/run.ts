// Runs child processes: awaited with their output on record, or handed the terminal.

import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** a file that gets all output, for long commands */
  readonly log?: string
  readonly timeoutSeconds?: number
  /** exit codes that are answers rather than failures */
  readonly accept?: readonly number[]
}

export interface RunResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

class RunError extends Error {}

const tail = (text: string, lines: number): string => text.trimEnd().split('\n').slice(-lines).join('\n')

export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: 'pipe',
      // its own group, so that a timeout ends its children too
      detached: options.timeoutSeconds !== undefined,
    })
    const log = options.log === undefined ? undefined : createWriteStream(options.log, { flags: 'a' })
    log?.write(`+ ${command} ${args.join(' ')}\n`)
    const out: Buffer[] = []
    const err: Buffer[] = []
    const gather = (into: Buffer[]) => (chunk: Buffer) => {
      into.push(chunk)
      log?.write(chunk)
    }
    child.stdout.on('data', gather(out))
    child.stderr.on('data', gather(err))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')

    let late = false
    const timer =
      options.timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => {
            late = true
            if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
          }, options.timeoutSeconds * 1000)

    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new RunError(`cannot run ${command}: ${cause.message}`))
    })
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      const stdout = Buffer.concat(out).toString()
      const stderr = Buffer.concat(err).toString()
      const code = status ?? 128
      const settle = (): void => {
        if (code === 0 || (status !== null && options.accept?.includes(code) === true)) {
          resolve({ code, stdout, stderr })
          return
        }
        const whole = [command, ...args].join(' ')
        const shown = whole.length > 300 ? `${whole.slice(0, 300)}…` : whole
        const how = late ? `took more than ${options.timeoutSeconds} s` : (signal ?? `exit ${code}`)
        const where = options.log === undefined ? '' : `\nlog: ${options.log}`
        reject(new RunError(`${shown}: ${how}\n${tail(stderr || stdout, 15)}${where}`))
      }
      if (log === undefined) settle()
      else {
        log.end()
        finished(log).then(settle, reject)
      }
    })
  })
}

/** Runs a shell script with its arguments as $1, $2, … and stops at its first failure. */
export const sh = (script: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> =>
  run('bash', ['-euo', 'pipefail', '-c', script, 'lab', ...args], options)

/** Hands the terminal to a command; the answer is its exit code. */
export function attached(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'inherit' })
    // the terminal sends ^C to the child as well: it decides, and the lab waits for its exit code
    const wait = (): void => undefined
    const pass = (): void => void child.kill('SIGTERM')
    process.on('SIGINT', wait)
    process.on('SIGTERM', pass)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait)
      process.off('SIGTERM', pass)
      resolve(code ?? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGKILL' ? 9 : 15))
    })
  })
}
