// The lab's groups in the cgroup hierarchies: who is in them, and their removal.

import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const top = '/sys/fs/cgroup'

export const groupOf = (lab: string, host: string): string => `khactl-lab/${lab}/${host}`

function hierarchies(): string[] {
  if (existsSync(join(top, 'cgroup.controllers'))) return [top]
  // a controller that is mounted with another one is also a link, which is no hierarchy of its own
  return readdirSync(top, { withFileTypes: true })
    .filter((it) => it.isDirectory())
    .map((it) => join(top, it.name))
}

/** Folders of a group and of all groups in it, the deepest first. */
function tree(path: string): string[] {
  try {
    const below = readdirSync(path, { withFileTypes: true }).filter((it) => it.isDirectory())
    return [...below.flatMap((it) => tree(join(path, it.name))), path]
  } catch {
    return []
  }
}

function membersOf(group: string): number[] {
  const found = new Set<number>()
  for (const folder of hierarchies().flatMap((it) => tree(join(it, group)))) {
    try {
      for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n')) {
        if (pid !== '') found.add(Number(pid))
      }
    } catch {
      // the group went away in between
    }
  }
  // 0 is a process that this namespace cannot see; ending it would end ourselves
  found.delete(0)
  return [...found]
}

export async function endMembers(group: string): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    const left = membersOf(group)
    if (left.length === 0) return
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // gone in between
      }
    }
    await sleep(100)
  }
  throw new Error(`processes ${membersOf(group).join(', ')} in the group ${group} do not end, even when killed`)
}

export async function dropGroup(group: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const left = hierarchies().flatMap((it) => tree(join(it, group)))
    if (left.length === 0) return
    for (const folder of left) {
      try {
        rmdirSync(folder)
      } catch {
        // a process that just ended may still be counted
      }
    }
    await sleep(tries === 0 ? 0 : 100)
  }
  throw new Error(`the group ${group} cannot be removed below ${top}`)
}

/** The group above all labs goes with the last one. */
export function dropTopGroup(): void {
  for (const hierarchy of hierarchies()) {
    try {
      rmdirSync(join(hierarchy, 'khactl-lab'))
    } catch {
      // another lab runs, or there was none
    }
  }
}
