// A lock between processes that goes away with its holder: a symbolic link that names the process.

import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { alive, recordOf } from './process.js'

function holder(path: string): { pid: number; start: string } | undefined {
  try {
    const [pid, start] = readlinkSync(path).split(' ')
    return { pid: Number(pid), start: start ?? '' }
  } catch {
    return undefined
  }
}

export async function locked<T>(path: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const self = recordOf(process.pid)
  const deadline = Date.now() + waitSeconds * 1000
  let told = false
  for (;;) {
    try {
      symlinkSync(`${self.pid} ${self.start}`, path)
      break
    } catch {
      const other = holder(path)
      if (other === undefined) continue
      if (!alive(other)) {
        rmSync(path, { force: true })
        continue
      }
      if (Date.now() > deadline) {
        throw new Error(`${path} is held by process ${other.pid} for longer than ${waitSeconds} s`)
      }
      if (!told) process.stderr.write(`waiting for process ${other.pid}, which holds ${path}\n`)
      told = true
      await sleep(200)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}
