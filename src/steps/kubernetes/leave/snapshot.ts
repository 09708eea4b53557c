// A snapshot of etcd, verified, on the operator's machine: what a membership change that goes wrong is mended from.
import { map, see } from '../../../model/look.js'
import { step, type Step } from '../../../model/step.js'
import { snapshots } from '../../../facts/kubernetes/snapshots.js'
import { fetchSnapshot } from './snapshot-fetch.js'
import { dropSnapshot, takeSnapshot } from './snapshot-take.js'

export interface Snapshot {
  readonly cluster: string
  /** On the operator's machine. */
  readonly folder: string
}

/** A run that is continued takes none anew. */
const youngSeconds = 15 * 60

/** Id `etcd:snapshot`. */
export const snapshotStep = (wanted: Snapshot): Step =>
  step({
    id: 'etcd:snapshot',
    title: `Save a snapshot of etcd of ${wanted.cluster}`,
    look: map(see(snapshots(wanted)), ({ names, age }) => ({
      newest: names.at(-1) ?? null,
      isYoung: age !== null && age < youngSeconds,
    })),
    diff: ({ newest, isYoung }) =>
      isYoung
        ? []
        : [
            {
              path: `etcd snapshot in ${wanted.folder}`,
              ...{ from: newest, to: 'a new one', secret: true, impact: 'none' },
              // One that is young when the plan is made may be old when its turn comes.
              volatile: true,
            },
          ],
    writes: ['leader', 'operator'],
    apply: async (at) => {
      const leader = await at.at('leader')
      const operator = await at.at('operator')
      const taken = await takeSnapshot(leader)
      await fetchSnapshot({ leader, operator, taken, wanted, whenFetched: () => dropSnapshot(leader, taken) })
    },
  })
