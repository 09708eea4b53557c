// The control plane's containers as a host's own runtime has them: a kubelet may tell the API of them a minute later.
import { fact, known, unreadable, type Fact, type HostRef, type Kind } from '../../model/fact.js'
import { join, sh } from '../../text/sh.js'
import { readOnly } from '../mint.js'
import type { Pod } from './cluster-objects.js'

const kind: Kind<string, readonly Pod[]> = {
  name: 'running pods',
  stays: 'moment',
  cost: 'cheap',
  within: 15_000,
  ask: (sockets) =>
    readOnly(
      join(
        sockets.map((socket) => sh`crictl --runtime-endpoint ${`unix://${socket}`} ps -o json || return; printf '\0'`),
        '\n',
      ),
    ),
  tell: ({ stdout, stderr, status }, sockets) => {
    const answers = stdout.toString('utf8').split('\0')
    return sockets.map((_, index) => {
      const why = stderr.toString('utf8').trim().split('\n').at(-1)
      return status === 0 ? known(parseRunning(answers[index] ?? '')) : unreadable(`what runs on the host: ${why}`)
    })
  },
}

/** `socket`: the path of the container runtime's. Of kube-system alone, and only what runs. */
export const runningPods = (socket: string, at: HostRef): Fact<readonly Pod[]> => fact(kind, socket, at)

interface Listed {
  readonly containers?: readonly {
    /** Nanoseconds since 1970. */
    readonly createdAt?: string | number
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }[]
}

export const parseRunning = (json: string): readonly Pod[] =>
  ((JSON.parse(json) as Listed).containers ?? []).flatMap(({ createdAt, labels = {}, annotations = {} }) => {
    const name = labels['io.kubernetes.pod.name']
    if (name === undefined || labels['io.kubernetes.pod.namespace'] !== 'kube-system') return []
    const restarts = Number(annotations['io.kubernetes.container.restartCount'] ?? 0)
    const runningSince = createdAt === undefined ? null : Math.floor(Number(createdAt) / 1e9)
    return [{ name, node: null, ready: 'ready', restarts, runningSince, restarted: 'never' }]
  })
