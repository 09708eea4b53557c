// Before keepalived starts on a new host, those already running learn of it; else both would hold the VIP (R-L1).
import { unitState, type UnitState } from '../../facts/unit.js'
import type { StepId } from '../../model/fact.js'
import type { HostName } from '../../model/host.js'
import { all, each, map, see } from '../../model/look.js'
import type { Change, Intent, Step } from '../../model/step.js'
import { lookElsewhere, stepElsewhere } from './elsewhere.js'

export interface Peer {
  readonly host: HostName
  /** The peer's own keepalived step. */
  readonly step: Step
}

/** Id `keepalived-peers`. Nothing where keepalived runs here already, and for peers where it does not run yet. */
export const peersFirst = ({ peers, after = [] }: { peers: readonly Peer[]; after?: readonly StepId[] }): Step => ({
  id: 'keepalived-peers',
  title: 'Tell the running keepaliveds of this host before its own starts',
  after,
  writes: peers.map(({ host }) => ({ host })),
  settle: { within: 15_000, every: 500 },
  look: map(
    all({
      here: see(unitState('keepalived')),
      there: each(
        peers.map(({ host, step }) =>
          all({
            unit: lookElsewhere(host, see(unitState('keepalived'))),
            intent: stepElsewhere(host, step).look,
          }),
        ),
      ),
    }),
    ({ here, there }): Intent => {
      const due = runs(here) ? [] : there.filter(({ unit, intent }) => runs(unit) && intent.changes.length > 0)
      return {
        changes: due.flatMap(({ intent }) =>
          intent.changes.map((change) => named(change, hostOf(peers, there, intent))),
        ),
        problems: [],
        apply: async (at) => {
          for (const { intent } of due) await intent.apply(at)
        },
      }
    },
  ),
})

const runs = ({ active }: UnitState): boolean => active === 'active' || active === 'reloading'

const hostOf = (peers: readonly Peer[], there: readonly { readonly intent: Intent }[], intent: Intent): string =>
  peers[there.findIndex((one) => one.intent === intent)]?.host ?? ''

const named = (change: Change, host: string): Change => ({ ...change, path: `${change.path} on ${host}` })
