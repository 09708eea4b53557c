// etcd's arithmetic: how many members must answer so that the rest still decides. The one place of the quorum rule.

/** A member of etcd as a master that answers sees it. */
export interface Vote {
  /** Hexadecimal. */
  readonly id: string
  /** Empty until it started for the first time. */
  readonly name: string
  readonly peerUrls: readonly string[]
  readonly part: 'voter' | 'learner' | 'unstarted'
  /** Whether it answered its client URL, and knew a leader, when it was asked. */
  readonly answers: 'yes' | 'no'
}

/** Most etcd members that may be missing while the rest still decides. */
export const tolerated = (members: number): number => Math.floor((members - 1) / 2)

export const majority = (members: number): number => Math.floor(members / 2) + 1

export interface Tally {
  /** Members that count: voters, and those that have not started. A learner does not vote. */
  readonly members: number
  readonly answer: number
  readonly majority: number
  readonly holds: boolean
}

export const tally = (votes: readonly Vote[]): Tally => {
  const counted = votes.filter(({ part }) => part !== 'learner')
  const answer = counted.filter(({ answers, part }) => answers === 'yes' && part === 'voter').length
  const needed = majority(counted.length)
  return { members: counted.length, answer, majority: needed, holds: counted.length > 0 && answer >= needed }
}

/** `3 members, 2 answer, 2 are needed` */
export const tallyText = ({ members, answer, majority: needed }: Tally): string =>
  `${members} ${members === 1 ? 'member' : 'members'}, ${answer} ${answer === 1 ? 'answers' : 'answer'}, ${needed} ${needed === 1 ? 'is' : 'are'} needed`

/** Why a member may not be taken out, with the arithmetic; null: it may. */
export const removalFault = (votes: readonly Vote[], gone: Vote): string | null => {
  const now = tally(votes)
  const rest = votes.filter(({ id }) => id !== gone.id)
  const then = tally(rest)
  if (!now.holds) return `etcd has lost its quorum already (${tallyText(now)}), so it can take nobody out`
  if (gone.part === 'learner') return null
  if (then.members === 0) return 'it is the last member of etcd'
  return then.holds ? null : `the rest of etcd would have no quorum (${tallyText(then)})`
}

/** Why no member may be added now (R-K1); null: one may. */
export const additionFault = (votes: readonly Vote[]): string | null => {
  const silent = votes.filter(({ answers }) => answers === 'no')
  if (silent.length === 0) return null
  const names = silent.map(({ name, peerUrls }) => (name === '' ? peerUrls.join(', ') : name))
  return `etcd has ${silent.length === 1 ? 'a member' : 'members'} that ${silent.length === 1 ? 'does' : 'do'} not answer (${names.join(', ')}; ${tallyText(tally(votes))}), and one more member would make the majority larger`
}
