// Tells what runs of a lab.

import { hasNetwork } from './network.js'
import { runs } from './host.js'
import type { Paths } from './paths.js'
import { alive, recall, recorded } from './process.js'
import { controllerOf } from './profiles.js'
import { readState } from './state.js'

export function status(paths: Paths): number {
  const state = readState(paths)
  if (state === undefined) {
    process.stdout.write(`no lab "${paths.lab}" runs\n`)
    return 3
  }
  const hosts = new Set(state.hosts.map((it) => it.name))
  const row = (...cells: readonly string[]): void =>
    void process.stdout.write(
      `${cells
        .map((it) => it.padEnd(16))
        .join('')
        .trimEnd()}\n`,
    )
  row('lab', paths.lab, `profile ${state.profile}`)
  row('controller', controllerOf(paths.lab), hasNetwork(paths.lab) ? 'up' : 'missing')
  for (const name of recorded(paths.state).filter((it) => !hosts.has(it))) {
    const it = recall(paths.state, name)
    row(name, '', it !== undefined && alive(it) ? 'runs' : 'ended')
  }
  for (const host of state.hosts) row(host.name, host.address, runs(paths, host.name) ? 'runs' : 'off', host.system)
  return 0
}
