// Ends a lab and removes every trace of it, also of one that crashed; and power cuts.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dropGroup, dropTopGroup, endMembers } from './cgroup.js'
import { killHost } from './host.js'
import { locked } from './lock.js'
import { dropNamespace, namespacesOf } from './network.js'
import { diskRoot, stateRoot, type Paths } from './paths.js'
import { end, recorded } from './process.js'
import { say, stage } from './progress.js'
import { readState, requireState } from './state.js'
import { restoreSysctls } from './sysctl.js'
import { lockOf } from './up.js'

export async function powerCut(paths: Paths, name: string): Promise<void> {
  await locked(lockOf(paths), 600, async () => {
    const host = requireState(paths).hosts.find((it) => it.name === name)
    if (host === undefined) throw new Error(`the lab has no host "${name}"`)
    await killHost(paths, host)
  })
}

export async function down(paths: Paths): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the lab needs root')
  await locked(lockOf(paths), 600, async () => {
    const ran = readState(paths) !== undefined
    await stage(`take the lab "${paths.lab}" down`, 3, () => clear(paths))
    if (!ran) say(`no lab "${paths.lab}" was up`)
  })
}

/** Works on whatever is there: after a crash the records may be gone while processes run, or the other way round. */
export async function clear(paths: Paths): Promise<void> {
  for (const namespace of namespacesOf(paths.lab)) await dropNamespace(namespace)
  const group = `khactl-lab/${paths.lab}`
  await endMembers(group)
  for (const name of recorded(paths.state)) await end(paths.state, name, 'SIGKILL')
  // supervisors that were in the middle of a boot may have made one more
  for (const namespace of namespacesOf(paths.lab)) await dropNamespace(namespace)
  await dropGroup(group)
  rmSync(paths.disks, { recursive: true, force: true })
  rmSync(paths.state, { recursive: true, force: true })
  removeIfEmpty(diskRoot)
  if (otherLabs().length === 0) {
    dropTopGroup()
    restoreSysctls()
  }
}

const otherLabs = (): string[] =>
  existsSync(stateRoot)
    ? readdirSync(stateRoot, { withFileTypes: true })
        .filter((it) => it.isDirectory())
        .map((it) => it.name)
    : []

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
}
