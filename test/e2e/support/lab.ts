// The lab from a test's side: bring it up, run khactl in it, and look at its hosts without SSH.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { insideHost } from '../../lab/host.js'
import { insideController } from '../../lab/network.js'
import { agentOf } from '../../lab/odd/keys.js'
import { pathsOf } from '../../lab/paths.js'

const root = resolve(import.meta.dirname, '../../..')

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Below the time of a test, so that what hangs is told with all it had said. */
const longest = 720_000

/** Ends with whatever the program ended with; rejects only when it cannot be started or its time is over. */
export const run = (
  command: readonly string[],
  {
    within = longest,
    env = {},
    input,
    kill,
  }: { within?: number; env?: Readonly<Record<string, string>>; input?: string; kill?: AbortSignal } = {},
): Promise<Outcome> =>
  new Promise((done, reject) => {
    const [program = '', ...args] = command
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env, NO_COLOR: '1' } })
    const out: Buffer[] = []
    const err: Buffer[] = []
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      const said = [out, err].map((chunks) => Buffer.concat(chunks).toString().slice(-6000)).join('\n')
      reject(new Error(`${command.join(' ')}: not done after ${within / 1000} s\n${said}`))
    }, within)
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    kill?.addEventListener('abort', () => child.kill('SIGKILL'))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      done({ status: code ?? 137, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })

export interface Lab {
  readonly inventory: string
  /** The lab's own command line. */
  lab(...args: readonly string[]): Promise<Outcome>
  /** khactl as a person runs it, from where the hosts' addresses are reachable. */
  khactl(...args: readonly string[]): Promise<Outcome>
  /** A shell script inside a host; rejects unless it exits 0. */
  on(host: string, script: string): Promise<string>
  /** kubectl through the VIP, with the kubeconfig that khactl fetched; rejects unless it exits 0. */
  kubectl(...args: readonly string[]): Promise<string>
}

const adminConfig = '/etc/kubernetes/admin.conf'
const tsx = resolve(root, 'node_modules/.bin/tsx')
const labMain = resolve(root, 'test/lab/main.ts')
export const khactlProgram = resolve(root, 'dist/cli/main.cjs')

/** `environment`: of khactl. A lab with an agent gives it that. */
export const openLab = async (name: string, environment: Readonly<Record<string, string>> = {}): Promise<Lab> => {
  const env = { KHACTL_LAB: name }
  const lab = (...args: readonly string[]) => run([tsx, labMain, ...args], { env, within: 3_000_000 })
  const must = async (what: string, outcome: Promise<Outcome>): Promise<string> => {
    const { status, stdout, stderr } = await outcome
    if (status !== 0) throw new Error(`${what}: exit status ${status}\n${stdout}\n${stderr}`)
    return stdout
  }
  const inventory = (await must('lab inventory', lab('inventory'))).trim()
  const inside = async (host: string, ...command: readonly string[]): Promise<Outcome> =>
    run(insideHost(pathsOf(name), host, ...command))
  /** The first master of the lab that runs and is one of the cluster. */
  const leader = async (): Promise<string> => {
    for (let number = 1; number <= 9; number += 1) {
      const host = `master-${number}`
      const told = await inside(host, 'test', '-e', adminConfig).catch(() => null)
      if (told?.status === 0) return host
    }
    throw new Error('no master of the lab runs')
  }
  return {
    inventory,
    lab,
    // Straight into the namespaces: the lab's own command line takes a second to start.
    khactl: (...args) =>
      run(insideController(name, process.execPath, khactlProgram, ...args), {
        env: { ...agentOf(pathsOf(name)), ...environment },
      }),
    on: async (host, script) => must(`on ${host}: ${script}`, inside(host, 'sh', '-c', script)),
    kubectl: async (...args) =>
      must(
        `kubectl ${args.join(' ')}`,
        // Below a file no folder can be made: kubectl leaves no caches on the host (a HOME below one it does not bear).
        inside(await leader(), 'kubectl', '--kubeconfig', adminConfig, '--cache-dir', '/dev/null/none', ...args),
      ),
  }
}

/** While working on one test: KHACTL_E2E_REUSE=1 takes the lab that runs as it is, and leaves it running. */
export const reused = process.env['KHACTL_E2E_REUSE'] === '1'

/** Brings a profile up, fresh: what an earlier run left is taken down first. */
export const freshLab = async (
  name: string,
  profile: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Lab> => {
  if (reused) return openLab(name, environment)
  const env = { KHACTL_LAB: name }
  await run([tsx, labMain, 'down'], { env })
  const { status, stdout, stderr } = await run([tsx, labMain, 'up', '--profile', profile], { env, within: 3_500_000 })
  if (status !== 0) throw new Error(`lab up: exit status ${status}\n${stdout}\n${stderr}`)
  return openLab(name, environment)
}

/** khactl, ended by SIGKILL as soon as `when` says yes; rejects when it ends by itself before. */
export const killedWhen = async (
  name: string,
  {
    args,
    env,
    when,
  }: {
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string>>
    readonly when: () => Promise<boolean>
  },
): Promise<Outcome> => {
  const ending = new AbortController()
  const running = run(insideController(name, process.execPath, khactlProgram, ...args), {
    env: { ...agentOf(pathsOf(name)), ...env },
    kill: ending.signal,
  })
  const over = running.then(
    () => true,
    () => true,
  )
  while (!(await Promise.race([over, when()]))) await new Promise((next) => setTimeout(next, 100))
  ending.abort()
  const outcome = await running
  if (outcome.status !== 137) throw new Error(`it ended by itself: exit status ${outcome.status}\n${outcome.stderr}`)
  return outcome
}

/** Waits until the look says yes; rejects with the last answer when the time is over. */
export const eventually = async <T>(
  look: () => Promise<T>,
  { within, until, every = 500 }: { within: number; until: (seen: T) => boolean; every?: number },
): Promise<{ readonly seen: T; readonly tookMs: number }> => {
  const started = performance.now()
  for (;;) {
    const seen = await look()
    const tookMs = performance.now() - started
    if (until(seen)) return { seen, tookMs }
    if (tookMs > within) throw new Error(`not so after ${within / 1000} s: ${JSON.stringify(seen)}`)
    await new Promise((next) => setTimeout(next, every))
  }
}

/** The lab that an earlier file left running, with its cluster; brought up when there is none. */
export const continuedLab = async (name: string, profile: string): Promise<Lab> => {
  const { status } = await run([tsx, labMain, 'status'], { env: { KHACTL_LAB: name } })
  if (status === 0) return openLab(name)
  const lab = await freshLab(name, profile)
  const { status: made, stdout, stderr } = await lab.khactl('up', lab.inventory, '--yes')
  if (made !== 0) throw new Error(`up: exit status ${made}\n${stdout}\n${stderr}`)
  return lab
}
