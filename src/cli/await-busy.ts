// A host on which an earlier run still works (its khactl died, its unit did not) is waited for, never cleaned up.
import type { Emit } from '../model/event.js'
import type { HostName, HostState } from '../model/host.js'
import type { Ms } from '../model/session.js'

export interface AwaitBusy {
  readonly found: ReadonlyMap<HostName, HostState>
  /** Looks at some hosts again. */
  readonly again: (hosts: readonly HostName[]) => Promise<ReadonlyMap<HostName, HostState>>
  /** Takes the locks of hosts that are busy; rejects when a run that lives holds one: its unit is not ours to wait for. */
  readonly claim: (hosts: readonly HostName[]) => Promise<void>
  readonly emit: Emit
  readonly wait: (ms: Ms) => Promise<void>
  readonly interrupted: () => boolean
}

/** A join or a reset takes a minute or two; past this the plan says who is busy, and nothing is done. */
const longest: Ms = 900_000
const every: Ms = 2000

export const awaitBusy = async ({ found, again, claim, emit, wait, interrupted }: AwaitBusy) => {
  const now = new Map(found)
  const told = new Set<HostName>()
  for (let waited = 0; waited < longest && !interrupted(); waited += every) {
    const busy = [...now].flatMap(([host, state]) => (state.kind === 'busy' ? [{ host, unit: state.unit }] : []))
    if (busy.length === 0) break
    await claim(busy.map(({ host }) => host).filter((host) => !told.has(host)))
    for (const { host, unit } of busy) {
      if (told.has(host)) continue
      told.add(host)
      emit({ type: 'note', level: 'info', text: `waiting for ${unit} of an earlier run to end`, host })
    }
    await wait(every)
    for (const [host, one] of await again(busy.map(({ host }) => host))) now.set(host, one)
  }
  return now as ReadonlyMap<HostName, HostState>
}
