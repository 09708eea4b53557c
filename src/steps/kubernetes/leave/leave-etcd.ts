// A master's member leaves etcd, through a master that stays, before anything is taken from the host itself.
import { mayOwn } from '../../../model/membership.js'
import { map, see } from '../../../model/look.js'
import { step, type Step } from '../../../model/step.js'
import { etcdMembers, type EtcdMember } from '../../../facts/kubernetes/etcd-members.js'
import type { Leaver } from './leaver.js'
import { removeMember } from './remove-member.js'

/** Id `etcd:leave`. */
export const leaveEtcdStep = ({ leaver }: { readonly leaver: Leaver }): Step =>
  step({
    id: 'etcd:leave',
    title: `Take ${leaver.name} out of etcd`,
    look: map(see(etcdMembers()), (members) => ownMembers(members, leaver)),
    diff: (own) =>
      own.map(({ id, name, part }) => ({
        path: `etcd member ${name === '' ? id : name}`,
        from: part,
        to: null,
        impact: 'membership',
      })),
    writes: ['leader'],
    settle: { within: 20_000, every: 1000 },
    apply: async (at, own) => {
      const leader = await at.at('leader')
      for (const member of own) await removeMember(leader, { member, whom: 'any' })
    },
  })

/** What etcd has of this host, whichever way it knows it. */
export const ownMembers = (
  members: readonly EtcdMember[],
  { name, nodeIP }: Pick<Leaver, 'name' | 'nodeIP'>,
): readonly EtcdMember[] => members.filter((member) => mayOwn({ host: name, nodeIP }, member))
