// etcd goes on from the data of one survivor, its quorum given up: one job that outlives the connection and heals when cut.
import { always, map, see } from '../../model/look.js'
import { check, step, type Step } from '../../model/step.js'
import { etcdCopies } from '../../facts/kubernetes/etcd-copies.js'
import { remains } from '../../facts/kubernetes/remains.js'
import { transient } from '../transient.js'
import { rebuildScript } from './rebuild-etcd-script.js'

export interface RebuildEtcd {
  readonly cluster: string
  readonly survivor: string
  /** Members that etcd goes on without; `counted`: by the survivor's own list, and not only by the inventory. */
  readonly lost: { readonly names: readonly string[]; readonly counted: 'by etcd' | 'by the inventory' }
  /** Node addresses of the others: nothing may answer there any more. */
  readonly gone: readonly string[]
}

/** Id `etcd:rebuild`. */
export const rebuildEtcdStep = ({ cluster, survivor, lost, gone }: RebuildEtcd): Step =>
  step({
    id: 'etcd:rebuild',
    title: `Rebuild etcd of ${cluster} from ${survivor} alone`,
    look: map(see(remains()), ({ files, readyz }) =>
      files.has('rebuild') ? 'half-rebuilt' : readyz === 'ok' ? 'well' : 'without a quorum',
    ),
    diff: (now) =>
      now === 'well'
        ? []
        : [
            {
              path: `etcd of ${cluster}`,
              from:
                now === 'half-rebuilt'
                  ? 'a rebuild that was cut off'
                  : lost.counted === 'by etcd'
                    ? `${lost.names.length + 1} members without a quorum`
                    : 'members without a quorum',
              to: `${survivor} alone`,
              impact: 'restart',
            },
            ...lost.names.map((name) => ({
              ...{ path: `etcd member ${name}`, from: 'lost', to: null },
              impact: 'membership' as const,
            })),
            { path: '/var/lib/etcd-before-rebuild-DATE', from: null, to: 'a copy of what etcd holds', impact: 'none' },
          ],
    settle: { within: 120_000, every: 2000 },
    apply: ({ self }) =>
      transient(self, {
        name: 'etcd-rebuild',
        summary: 'etcd --force-new-cluster',
        command: rebuildScript(gone),
        within: 2_400_000,
      }),
  })

/** Id `etcd:rebuild:losses`. Said before: nothing can be done about it. */
export const rebuildLossesCheck = ({ survivor }: Pick<RebuildEtcd, 'survivor'>): Step =>
  check({
    id: 'etcd:rebuild:losses',
    title: 'Know what a rebuild of etcd loses',
    look: always(null),
    problems: () => [
      {
        level: 'warning',
        message: `etcd goes on with what ${survivor} has: writes that only the lost members had are gone`,
        hint: 'A lost member must never come back beside the rebuilt one: keep its host off, or wipe it. docs/disaster.md',
      },
    ],
  })

/** Id `etcd:rebuild:copy`. khactl never deletes a copy. */
export const keptCopiesCheck = ({ survivor }: Pick<RebuildEtcd, 'survivor'>): Step =>
  check({
    id: 'etcd:rebuild:copy',
    title: 'Keep what etcd held before',
    after: ['etcd:rebuild'],
    look: see(etcdCopies()),
    problems: (copies) =>
      copies.length === 0
        ? [{ level: 'failure', message: `${survivor} has no copy of what etcd held before its rebuild` }]
        : [
            {
              level: 'warning',
              message: `what etcd held before its rebuild is kept on ${survivor}: ${copies.join(', ')}`,
              hint: 'Delete it yourself once the cluster is what it should be. It holds every Secret of the cluster.',
            },
          ],
  })
