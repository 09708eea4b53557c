// One run of khactl under the saboteur: it stands still at every event that matters until the driver says how to go on.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { khactlProgram } from '../../e2e/support/lab.js'
import { insideController } from '../../lab/network.js'
import { cacheRoot } from '../../lab/paths.js'

/** What the saboteur tells: events of docs/events.md, and that a time asked for with `call` is over. */
export type Told =
  | { readonly type: 'step-applying'; readonly host: string; readonly stage: string; readonly step: string }
  | {
      readonly type: 'step-ended'
      readonly host: string
      readonly stage: string
      readonly step: string
      readonly tookMs: number
      readonly verdict: { readonly kind: string }
    }
  | { readonly type: 'command'; readonly host: string }
  | { readonly type: 'called'; readonly name: string }

/** `call`: goes on, and stands still again after that time with `called`. */
export type Order = { readonly go: 'on' } | { readonly go: 'call'; readonly ms: number; readonly name: string }

export interface Ended {
  /** null: a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Held {
  readonly lab: string
  readonly args: readonly string[]
  /** khactl does nothing until this resolves. `kill` ends it there and then. */
  readonly decide: (told: Told, kill: () => void) => Promise<Order>
}

const saboteur = resolve(import.meta.dirname, 'saboteur.mjs')

export const held = ({ lab, args, decide }: Held): Promise<Ended> =>
  new Promise((done, reject) => {
    const node = [process.execPath, '--import', saboteur, khactlProgram]
    const [program = '', ...rest] = insideController(lab, ...node, ...args, '--yes', '--json')
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    const [words, answers] = [child.stdio[3], child.stdio[4]]
    if (!words || !answers || !('read' in words) || !('end' in answers)) throw new Error('no pipes to the saboteur')
    // It may be dead when the answer comes.
    answers.on('error', () => undefined)
    const kill = (): void => void child.kill('SIGKILL')
    const failed = (error: unknown): void => {
      kill()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    createInterface({ input: words }).on('line', (line) => {
      decide(JSON.parse(line) as Told, kill).then((order) => {
        const { killed } = child
        if (!killed) answers.write(order.go === 'on' ? 'go\n' : `call ${Math.round(order.ms)} ${order.name}\n`)
      }, failed)
    })
    child.on('error', reject)
    child.on('close', (status) =>
      done({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
  })

/** A copy of the log that khactl names, out of the way of later runs; an empty text: it was killed before it could name it. */
export const keepLog = ({ stderr }: Ended): string => {
  const [, file = ''] = /Everything that was done and said: (\S+)/.exec(stderr) ?? []
  if (!existsSync(file)) return ''
  const kept = join(cacheRoot, 'crash', 'logs', basename(file))
  mkdirSync(dirname(kept), { recursive: true })
  copyFileSync(file, kept)
  return kept
}
