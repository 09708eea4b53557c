// kubeadm join: makes a host a member, with a token and, for a master, certificates that live no longer than the join.
import { wire } from '../../model/command.js'
import type { HostState } from '../../model/host.js'
import { firstOf } from '../../model/attempts.js'
import { KhactlError } from '../../model/error.js'
import { all, always, chain, map, see, type Look } from '../../model/look.js'
import { step, type Change, type Step, type Writer, type Writers } from '../../model/step.js'
import { etcdMembers, type EtcdMember } from '../../facts/kubernetes/etcd-members.js'
import { markerPath, remains } from '../../facts/kubernetes/remains.js'
import { kubeletTrouble } from '../../facts/kubernetes/kubelet-trouble.js'
import { knownNode } from '../../facts/kubernetes/known-node.js'
import { sh } from '../../text/sh.js'
import type { Content } from '../file.js'
import { transient } from '../transient.js'
import { cleanUp, type Joiner } from './cleanup.js'
import { kubeadmFailure } from './kubeadm-failure.js'
import { mint, revoke, type Minted, type Minting } from './mint.js'
import { removeMarker, writeMarker } from './marker.js'
import { awaitQuorum } from './quorum.js'
import { besideSecondMember } from './second-member.js'
import { watchedKubeadm } from './watched-kubeadm.js'

export interface Join {
  readonly state: Look<HostState>
  readonly cluster: string
  readonly host: Joiner
  readonly ttlSeconds: number
  readonly config: (minted: Minted) => Content
  /** For masters: kubeadm's configuration for uploading the certificates. */
  readonly uploadConfig: Minting['uploadConfig']
  readonly flags: readonly string[]
  /** As what kubeadm adds a master's member to etcd; null: it has none. */
  readonly etcd: 'voter' | 'learner' | null
}

export const joinStep = (join: Join): Step =>
  step<Have>({
    id: 'kubeadm:join',
    title: `Join ${join.host.name} to cluster ${join.cluster} as ${join.host.role === 'worker' ? 'a worker' : 'a master'}`,
    look: joined(join),
    diff: (have) => joinChanges(join, have),
    // A worker only makes and deletes a Secret at the leader: holding it would make workers wait for one another.
    writes: join.host.role === 'worker' ? ['self'] : ['self', 'leader'],
    settle: { within: 240_000, every: 500 },
    why: see(kubeletTrouble()),
    apply: (at, { state }) => (state.kind === 'healthy' ? Promise.resolve() : runJoin(at, join)),
  })

type Have = {
  readonly state: HostState
  /** Its part in etcd; null: none, or not a master. */
  readonly etcd: EtcdMember['part'] | null
}

/** etcd is asked only once the host is a member: before, there is nothing to be seen, and perhaps no leader. */
const joined = ({ state, host }: Join): Look<Have> =>
  chain(state, (now) =>
    all<Have>({
      state: always(now),
      etcd:
        host.role === 'worker' || now.kind !== 'healthy'
          ? always(null)
          : map(see(etcdMembers()), (members) => members.find(({ name }) => name === host.name)?.part ?? null),
    }),
  )

const joinChanges = ({ host: { role } }: Join, { state, etcd }: Have): readonly Change[] => {
  if (state.kind !== 'healthy') return [{ path: 'cluster member', from: null, to: role, impact: 'membership' }]
  if (role === 'worker' || etcd === 'voter') return []
  return [{ path: 'etcd member', from: etcd, to: 'voter', impact: 'membership' }]
}

/** kubeadm's words for what a second try can mend: an expired or revoked token or key, once; a learner in the way, twice. */
const curable = {
  expired:
    /token.*(invalid|expired)|Unauthorized|JWS signature|kubeadm-certs.*(not found|expired)|message authentication failed/i,
  learners: /too many learner/i,
} as const
const tries = { expired: 1, learners: 2 }

const runJoin = async (at: Writers, join: Join): Promise<void> => {
  const leader = await at.at('leader')
  const left = { ...tries }
  const failures: KhactlError[] = []
  for (;;) {
    if (join.host.role === 'control plane') await awaitQuorum(leader)
    const failure = await joinOnce({ self: at.self, leader, join })
    if (failure === null) return
    failures.push(failure)
    const cure = cureOf(failure)
    const [first = failure, ...later] = failures
    if (cure === null || left[cure] === 0) throw firstOf(first, later)
    left[cure] -= 1
    await cleanUp({ self: at.self, leader, host: join.host }).catch((error: unknown) => {
      throw error instanceof KhactlError ? new KhactlError(error.code, { cause: failure, ...error.details }) : error
    })
  }
}

/** Errors of a job that runs no more. */
const ended: ReadonlySet<string> = new Set(['job.failed', 'job.unknown', 'job.late'])

const cureOf = (failure: KhactlError): keyof typeof curable | null => {
  const said = (failure.details.tail ?? []).join('\n')
  if (curable.learners.test(said)) return 'learners'
  return curable.expired.test(said) ? 'expired' : null
}

/**
 * null, or why it failed. What was minted is revoked either way; what cannot be is revoked by the next run. Thrown when
 * kubeadm may still be at it in its unit (the host does not come back): that needs what was minted, and no second try.
 */
const joinOnce = async (of: { self: Writer; leader: Writer; join: Join }): Promise<KhactlError | null> => {
  const { self, leader, join } = of
  const minting: Minting = { node: join.host.name, ttlSeconds: join.ttlSeconds, uploadConfig: join.uploadConfig }
  let failure: KhactlError | null = null
  let begun = false
  try {
    const minted = await mint(leader, minting)
    await self.run(writeMarker('join', join.cluster), { repeat: 'harmless' })
    const config = join.config(minted)
    begun = true
    await transient(self, {
      name: 'kubeadm-join',
      command: watchedKubeadm({
        kubeadm: sh`kubeadm join --config /dev/stdin ${join.flags}`,
        then: removeMarker('join'),
        ...(join.etcd === 'voter' ? { beside: besideSecondMember } : {}),
      }),
      summary: 'kubeadm join',
      stdin: Buffer.from(wire({ parts: typeof config === 'string' ? [config] : config })),
      within: 900_000,
    })
  } catch (error) {
    const code = error instanceof KhactlError ? error.code : null
    if (begun && !(code !== null && (ended.has(code) || code === 'run.interrupted'))) throw error
    if (!(error instanceof KhactlError) || error.code === 'run.interrupted') {
      await revoke(leader, join.host.name).catch(() => undefined)
      throw error
    }
    failure = kubeadmFailure(error, self.host)
  }
  const revoked = await revoke(leader, join.host.name).then(
    () => null,
    (error: unknown) => error,
  )
  if (failure === null && revoked !== null) throw revoked
  return failure
}

/** A member whose join ended unseen, or that was joined by hand behind a join that died: what says so goes away. */
export const finishJoinStep = (of: { readonly node: string; readonly endpoint: string }): Step =>
  step({
    id: 'kubeadm:finish-join',
    title: 'Forget an interrupted kubeadm join that came to its end',
    look: map(
      all({ remains: see(remains()), node: see(knownNode({ node: of.node, server: of.endpoint })) }),
      ({ remains: { joinMarker }, node }) => joinMarker !== null && node === 'ok',
    ),
    diff: (isOpen) => (isOpen ? [{ path: markerPath.join, from: 'join not finished', to: null, impact: 'none' }] : []),
    apply: ({ self }) => self.run(removeMarker('join'), { repeat: 'harmless' }),
  })
