// etcd.rebuild: the quorum is gone for good and given up; etcd goes on from the one survivor. Only where it is wished.
import { owns } from '../../model/membership.js'
import type { Scope, Task } from '../../model/playbook.js'
import {
  keptCopiesCheck,
  rebuildEtcdStep,
  rebuildLossesCheck,
  type RebuildEtcd,
} from '../../steps/kubernetes/rebuild-etcd.js'

export const etcdRebuild: Task = {
  name: 'etcd.rebuild',
  title: 'Rebuild etcd from one survivor',
  widest: 1,
  kind: 'changes',
  stoppedBy: [],
  steps: (scope) =>
    scope.moves.some((move) => move.kind === 'rebuild-etcd' && move.host === scope.host.name)
      ? [
          rebuildLossesCheck({ survivor: scope.host.name }),
          rebuildEtcdStep({
            cluster: scope.inventory.cluster.name,
            survivor: scope.host.name,
            lost: lost(scope),
            gone: goneMasters(scope).map(({ nodeIP }) => nodeIP),
          }),
          keptCopiesCheck({ survivor: scope.host.name }),
        ]
      : [],
}

const goneMasters = ({ inventory }: Scope) => inventory.leaving.filter(({ roles }) => roles.includes('master'))

const lost = (scope: Scope): RebuildEtcd['lost'] => {
  const place = { host: scope.host.name, nodeIP: scope.host.nodeIP }
  return scope.view === null
    ? { names: goneMasters(scope).map(({ name }) => name), counted: 'by the inventory' }
    : {
        names: scope.view.members.filter((member) => !owns(place, member)).map(({ name, id }) => name || id),
        counted: 'by etcd',
      }
}
