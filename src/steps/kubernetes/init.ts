// kubeadm init: makes the cluster, once, on a host that is known to be no member of any.
import type { HostState } from '../../model/host.js'
import { all, type Look } from '../../model/look.js'
import { KhactlError } from '../../model/error.js'
import { step, type Change, type Step, type Writer } from '../../model/step.js'
import type { ApiAnswer } from '../../facts/kubernetes/api.js'
import { kubeletTrouble } from '../../facts/kubernetes/kubelet-trouble.js'
import { leaderTools } from '../../facts/kubernetes/leader-tools.js'
import { knownNode } from '../../facts/kubernetes/known-node.js'
import { markerPath, remains } from '../../facts/kubernetes/remains.js'
import { map, see } from '../../model/look.js'
import { join, raw, sh } from '../../text/sh.js'
import { transient } from '../transient.js'
import { kubeadmFailure } from './kubeadm-failure.js'
import { removeMarker, writeMarker } from './marker.js'
import { revokeUnused } from './mint.js'
import { watchedKubeadm } from './watched-kubeadm.js'

export interface Init {
  readonly id: string
  readonly state: Look<HostState>
  readonly cluster: string
  /** As a person reads it: `v1.20.2`. */
  readonly version: string
  readonly node: string
  /** URL of the API endpoint. */
  readonly endpoint: string
  /** kubeadm's configuration; holds no secret. */
  readonly config: string
  readonly flags: readonly string[]
  /** `kubeadm config validate` exists. */
  readonly validation: 'possible' | 'impossible'
}

interface Have {
  readonly state: HostState
  /** The endpoint's answer about this node. */
  readonly node: ApiAnswer | null
}

export const initStep = (init: Init): Step =>
  step<Have>({
    id: init.id,
    title: `Make cluster ${init.cluster} with kubeadm init`,
    look: all({ state: init.state, node: see(knownNode({ node: init.node, server: init.endpoint })) }),
    diff: (have) => initChanges(init, have),
    settle: { within: 180_000, every: 1000 },
    why: see(kubeletTrouble()),
    apply: ({ self }, { state }) => (state.kind === 'healthy' ? Promise.resolve() : runInit(self, init)),
  })

const initChanges = ({ cluster, version, endpoint, config, node }: Init, have: Have): readonly Change[] => {
  if (have.state.kind !== 'healthy')
    return [
      {
        path: `cluster ${cluster}`,
        from: null,
        to: `${version} at ${endpoint}`,
        text: { from: '', to: config },
        impact: 'none',
      },
      { path: 'cluster member', from: null, to: 'control plane', impact: 'membership' },
    ]
  return have.node === 'ok'
    ? []
    : [{ path: `node ${node} through ${endpoint}`, from: have.node, to: 'ok', impact: 'none' }]
}

/** The marker names the run until kubeadm is done, so that what a dead init leaves is told from a member (design.md §4). */
const runInit = async (self: Writer, init: Init): Promise<void> => {
  await refuseLivingEndpoint(self, init.endpoint)
  await self.run(writeMarker('init', init.cluster), { repeat: 'harmless' })
  const stdin = Buffer.from(init.config)
  if (init.validation === 'possible')
    await self.run(sh`cat | kubeadm config validate --config /dev/stdin`, { stdin, repeat: 'harmless' })
  try {
    await transient(self, {
      name: 'kubeadm-init',
      command: watchedKubeadm({
        kubeadm: sh`kubeadm init --config /dev/stdin ${init.flags}`,
        then: removeMarker('init'),
      }),
      summary: 'kubeadm init',
      stdin,
      within: 900_000,
    })
  } catch (error) {
    throw error instanceof KhactlError ? kubeadmFailure(error, self.host) : error
  }
  await revokeInitToken(self)
}

/** It lives a minute in any case, so no failure to take it away is one of the init. */
const revokeInitToken = (self: Writer) =>
  self.run(join([leaderTools, revokeUnused], ''), { expect: [0, 1], repeat: 'harmless' })

/**
 * Asked once more, and for the first time by a host that had nothing to ask with: a second cluster must never be made.
 * Without credentials kubectl asks for a user name and never connects, so it gets a token that nobody knows.
 */
const refuseLivingEndpoint = async (self: Writer, endpoint: string): Promise<void> => {
  const answer = await self.run(
    sh`${raw(withoutProxies)}
HOME=/nonexistent kubectl --kubeconfig /dev/null --token khactl --server ${endpoint} --insecure-skip-tls-verify --request-timeout 3s get --raw /readyz 2>&1`,
    { expect: [0, 1], within: 30_000, repeat: 'harmless' },
  )
  const said = answer.stdout.toString('utf8').trim()
  if (answer.status !== 0 && !/Unauthorized|Forbidden|\[[-+]\]/i.test(said)) return
  throw new KhactlError('kubeadm.endpoint-answers', {
    message: `an API server answers at ${endpoint}, so no new cluster is made on ${self.host}: ${said.split('\n')[0] ?? ''}`,
    exit: 'refused',
    hint: 'Another cluster has this address, or its masters are not in the inventory.',
  })
}

const withoutProxies = 'unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY KUBECONFIG'

/** A master that answers, while its init never came to its end: what comes after the API server is done again. */
export const finishInitStep = (init: { readonly config: string; readonly skipped: readonly string[] }): Step =>
  step({
    id: 'kubeadm:finish-init',
    title: 'Finish an interrupted kubeadm init',
    look: map(see(remains()), ({ initMarker, readyz }) => initMarker !== null && readyz === 'ok'),
    diff: (isOpen) => (isOpen ? [{ path: markerPath.init, from: 'init not finished', to: null, impact: 'none' }] : []),
    apply: ({ self }) => finish(self, init),
  })

/** The parts of kubeadm init behind the API server, without those that the inventory skips, whole or by their child. */
export const partsToFinish = (skipped: readonly string[]): readonly string[] =>
  [
    'upload-config/all',
    'mark-control-plane',
    'bootstrap-token',
    'kubelet-finalize/all',
    'addon/coredns',
    'addon/kube-proxy',
  ]
    .filter((part) => !skipped.includes(part) && !skipped.includes(part.split('/')[0] ?? part))
    .map((part) => part.replace('/', ' '))

const finish = async (
  self: Writer,
  { config, skipped }: { readonly config: string; readonly skipped: readonly string[] },
): Promise<void> => {
  const phases = partsToFinish(skipped)
  await transient(self, {
    name: 'kubeadm-init',
    command: join(
      [
        raw('set -e; config=$(cat)'),
        ...phases.map((phase) => raw(`printf '%s' "$config" | kubeadm init phase ${phase} --config /dev/stdin`)),
        removeMarker('init'),
      ],
      '\n',
    ),
    stdin: Buffer.from(config),
    within: 600_000,
  })
  await revokeInitToken(self)
}
