// Kernel settings that are not of a network namespace are the machine's own: kept before hosts run, restored after.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateRoot } from './paths.js'

const kept = (): string => join(stateRoot, 'sysctl.json')
const folders = ['/proc/sys/vm', '/proc/sys/kernel', '/proc/sys/kernel/keys', '/proc/sys/fs', '/proc/sys/fs/inotify']
/** these change by themselves, or do something when they are written */
const lively = /\/(ns_last_pid|compact_memory|drop_caches|stat_refresh|.*_random.*|tainted|sched_domain.*)$/

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const settings = (): string[] =>
  folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => !lively.test(path) && statSync(path).isFile() && (statSync(path).mode & 0o200) !== 0)

/** systemd, containerd and the kubelet of every host share root's instances; with 128 of them a dozen hosts is the end. */
const atLeast: Readonly<Record<string, number>> = { '/proc/sys/fs/inotify/max_user_instances': 1024 }

export function keepSysctls(): void {
  keep()
  for (const [path, least] of Object.entries(atLeast)) {
    try {
      if (Number(read(path) ?? least) < least) writeFileSync(path, String(least))
    } catch {
      // then fewer hosts fit
    }
  }
}

function keep(): void {
  if (existsSync(kept())) return
  mkdirSync(stateRoot, { recursive: true })
  const values = settings().flatMap((path) => {
    const value = read(path)
    return value === undefined ? [] : [[path, value] as const]
  })
  writeFileSync(kept(), JSON.stringify(Object.fromEntries(values)))
}

export function restoreSysctls(): void {
  const text = read(kept())
  if (text === undefined) return
  for (const [path, value] of Object.entries(JSON.parse(text) as Record<string, string>)) {
    if (read(path) === value) continue
    try {
      writeFileSync(path, value)
    } catch {
      // a setting that takes no value back is left as it is
    }
  }
  rmSync(kept(), { force: true })
}
