// A member of etcd whose host is no more (never started, made anew, in no inventory) is taken out, if it really is silent.
import { map, see } from '../../../model/look.js'
import type { Vote } from '../../../model/quorum.js'
import { step, type Step } from '../../../model/step.js'
import { etcdMembers } from '../../../facts/kubernetes/etcd-members.js'
import { removeMember } from './remove-member.js'

export interface DropMember {
  readonly member: Pick<Vote, 'id' | 'name' | 'peerUrls'>
  readonly why: 'made anew' | 'orphan'
}

/** Id `etcd:drop:ID`. */
export const dropMemberStep = ({ member, why }: DropMember): Step => {
  const shown = member.name === '' ? member.peerUrls.join(', ') : member.name
  return step({
    id: `etcd:drop:${member.id}`,
    title: `Take ${shown} out of etcd: ${why === 'orphan' ? 'it has no host' : 'its host was made anew'}`,
    look: map(see(etcdMembers()), (members) => members.find(({ id }) => id === member.id) ?? null),
    diff: (have) =>
      have === null
        ? []
        : [{ path: `etcd member ${shown} (${member.id})`, from: have.part, to: null, impact: 'membership' }],
    writes: ['leader'],
    settle: { within: 20_000, every: 1000 },
    apply: async (at) => removeMember(await at.at('leader'), { member, whom: 'only silent' }),
  })
}
