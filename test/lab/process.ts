// Processes of the lab, recorded with their start time, so that no number that was used again is ever ended.

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Recorded {
  readonly pid: number
  /** clock ticks since the machine's boot */
  readonly start: string
}

/** Start time of a process that runs; undefined for one that is gone or only waits to be reaped. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name, in parentheses, may hold anything
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

export const recordOf = (pid: number): Recorded => ({ pid, start: startOf(pid) ?? 'gone' })
export const alive = (it: Recorded): boolean => startOf(it.pid) === it.start

const folder = (state: string): string => join(state, 'pids')

export function remember(state: string, name: string, pid: number): void {
  mkdirSync(folder(state), { recursive: true })
  writeFileSync(join(folder(state), name), JSON.stringify(recordOf(pid)))
}

export function recall(state: string, name: string): Recorded | undefined {
  try {
    return JSON.parse(readFileSync(join(folder(state), name), 'utf8')) as Recorded
  } catch {
    return undefined
  }
}

export function recorded(state: string): string[] {
  try {
    return readdirSync(folder(state)).sort()
  } catch {
    return []
  }
}

const forget = (state: string, name: string): void => rmSync(join(folder(state), name), { force: true })

/** Ends a recorded process, politely at first unless told otherwise, and waits until it is gone. */
export async function end(state: string, name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const it = recall(state, name)
  if (it !== undefined) await endRecorded(it, name, signal)
  forget(state, name)
}

async function endRecorded(it: Recorded, name: string, signal: NodeJS.Signals): Promise<void> {
  const begun = Date.now()
  let next: NodeJS.Signals = signal
  while (alive(it)) {
    if (Date.now() - begun > 15_000) throw new Error(`${name} (process ${it.pid}) does not end, even when killed`)
    try {
      process.kill(it.pid, next)
    } catch {
      // gone in between
    }
    await sleep(50)
    if (Date.now() - begun > 3000) next = 'SIGKILL'
  }
}
