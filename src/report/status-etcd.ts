// etcd, as a status tells it: members, leader, database size, alarms, and how many members it may still lose.
import { owns } from '../model/membership.js'
import { count } from '../text/say.js'
import { tally, type Vote } from '../model/quorum.js'
import { failure, isFounded, lost, warning } from './status-problem.js'
import type { SeenEtcd, StatusSeen } from './status-seen.js'
import type { Area, StatusProblem } from './status-area.js'

export interface EtcdView {
  /** The host whose member told. */
  readonly by: string
  readonly members: readonly MemberView[]
  readonly alarms: readonly string[]
  readonly majority: number
  readonly quorum: 'holds' | 'lost'
  /** Members that may be lost beside those that are lost already. */
  readonly mayLose: number
}

interface MemberView {
  readonly id: string
  readonly name: string
  /** null: of no host of the inventory. */
  readonly host: string | null
  readonly part: Vote['part']
  readonly answers: 'yes' | 'no'
  readonly leads: 'yes' | 'no'
  readonly version: string | null
  readonly databaseBytes: number | null
  readonly errors: readonly string[]
}

/** etcd's own default limit is 2 GiB; kubeadm leaves it so. */
const mostBytes = 2 * 1024 ** 3

export const etcdArea = (seen: StatusSeen): Area<EtcdView | null> => {
  const title = 'etcd'
  if (seen.etcd === null) {
    const problems = isFounded(seen)
      ? [
          failure({
            where: '',
            what: 'no master could tell the members of etcd',
            hint: 'crictl ps -a; crictl logs of etcd on the masters',
          }),
        ]
      : []
    return { title, summary: isFounded(seen) ? 'nobody could tell' : 'none yet', table: [], problems, data: null }
  }
  const data = viewOf(seen, { by: seen.etcd.by, sight: seen.etcd.sight })
  const problems = [
    ...quorumProblems(data),
    ...data.members.flatMap((one) => memberProblems(seen, one)),
    ...alarmProblems(data),
  ]
  const table = problems.some(({ level }) => level === 'failure') ? memberTable(data) : []
  return { title, summary: summaryOf(data), table, problems, data }
}

const viewOf = (seen: StatusSeen, { by, sight }: { readonly by: string; readonly sight: SeenEtcd }): EtcdView => {
  const { members, answer, majority, holds } = tally(sight.members)
  const silentLearners = sight.members.filter(({ part }) => part === 'learner').length
  return {
    by,
    members: sight.members.map((vote) => memberOf(seen, { vote, sight })),
    alarms: sight.alarms,
    majority,
    quorum: holds && members + silentLearners > 0 ? 'holds' : 'lost',
    mayLose: Math.max(0, answer - majority),
  }
}

const memberOf = (
  { hosts }: StatusSeen,
  { vote, sight }: { readonly vote: Vote; readonly sight: SeenEtcd },
): MemberView => {
  const status = sight.etcd.find(({ id }) => id === vote.id)
  return {
    id: vote.id,
    name: vote.name,
    host: hosts.find(({ name, nodeIP }) => owns({ host: name, nodeIP }, vote))?.name ?? null,
    part: vote.part,
    answers: vote.answers,
    leads: sight.etcd.some(({ leader }) => leader === vote.id) ? 'yes' : 'no',
    version: status?.version ?? null,
    databaseBytes: status?.size ?? null,
    errors: status?.errors ?? [],
  }
}

const nameOf = ({ name, id }: MemberView): string => (name === '' ? `member ${id}` : name)

const summaryOf = ({ members, quorum, mayLose }: EtcdView): string => {
  const leader = members.find(({ leads }) => leads === 'yes')
  const versions = [...new Set(members.flatMap(({ version }) => (version === null ? [] : [version])))]
  const largest = Math.max(0, ...members.map(({ databaseBytes }) => databaseBytes ?? 0))
  return [
    `${members.filter(({ answers }) => answers === 'yes').length} of ${members.length} ${members.length === 1 ? 'answers' : 'answer'}`,
    ...(leader === undefined ? ['no leader'] : [`leader ${nameOf(leader)}`]),
    ...(versions.length > 0 ? [versions.join(' and ')] : []),
    ...(largest > 0 ? [size(largest)] : []),
    quorum === 'lost' ? 'QUORUM LOST' : mayLose === 0 ? 'may lose none' : `may lose ${mayLose} more`,
  ].join(', ')
}

const size = (bytes: number): string => {
  const mega = bytes / 1024 ** 2
  return mega < 1024 ? `${Math.round(mega)} MB` : `${(mega / 1024).toFixed(1)} GB`
}

const quorumProblems = ({ members, majority, quorum, mayLose }: EtcdView): readonly StatusProblem[] => {
  const answer = members.filter(({ answers, part }) => answers === 'yes' && part === 'voter').length
  const voters = members.filter(({ part }) => part !== 'learner').length
  if (quorum === 'lost')
    return [
      failure({
        where: '',
        what: `etcd has no quorum: ${count(voters, 'member')}, ${answer} ${answer === 1 ? 'answers' : 'answer'}, ${majority} ${majority === 1 ? 'is' : 'are'} needed`,
        hint: 'Bring members back first; docs/disaster.md says what is left when they are gone for good',
      }),
    ]
  return mayLose === 0 && voters > 1
    ? [
        warning({
          where: '',
          what: 'the next member that etcd loses stops the cluster',
          hint: 'Bring members back, or replace them, before anything else',
        }),
      ]
    : []
}

const memberProblems = (seen: StatusSeen, member: MemberView): readonly StatusProblem[] => {
  const where = nameOf(member)
  const orphan =
    member.host === null
      ? [
          failure({
            where,
            what: 'a member of etcd that is no host of the inventory',
            hint: 'khactl up takes it out, if it does not answer',
          }),
        ]
      : []
  const silent =
    member.answers === 'no'
      ? [
          failure({
            where,
            what: silentWords(member),
            follows: lost(seen, where),
            hint: 'crictl ps -a; crictl logs of etcd on it',
          }),
        ]
      : []
  const learner =
    member.part === 'learner'
      ? [
          warning({
            where,
            what: 'its etcd member is a learner still: it does not vote',
            hint: 'khactl up goes on with its join',
          }),
        ]
      : []
  const large =
    (member.databaseBytes ?? 0) > mostBytes * 0.8
      ? [
          warning({
            where,
            what: `its etcd database has ${size(member.databaseBytes ?? 0)} of 2 GB`,
            hint: 'etcdctl compact and defrag',
          }),
        ]
      : []
  return [...orphan, ...silent, ...learner, ...large]
}

const silentWords = ({ part, errors }: MemberView): string =>
  part === 'unstarted'
    ? 'its etcd member never started'
    : `its etcd member does not answer${errors.length === 0 ? '' : `: ${errors.join(', ')}`}`

const alarmProblems = ({ alarms, members }: EtcdView): readonly StatusProblem[] =>
  alarms.map((alarm) => {
    const [name = '', id = ''] = alarm.split(' ')
    const member = members.find((one) => one.id === id)
    return failure({
      where: member === undefined ? id : nameOf(member),
      what: `etcd's alarm ${name}${name === 'NOSPACE' ? ': it takes no more writes' : ''}`,
      hint: name === 'NOSPACE' ? 'etcdctl compact, defrag, alarm disarm' : 'docs/disaster.md',
    })
  })

const memberTable = ({ members }: EtcdView): readonly (readonly string[])[] =>
  members.map((member) => [
    nameOf(member),
    member.leads === 'yes' ? 'leader' : member.part,
    member.answers === 'yes' ? 'answers' : 'silent',
    member.databaseBytes === null ? '' : size(member.databaseBytes),
  ])
