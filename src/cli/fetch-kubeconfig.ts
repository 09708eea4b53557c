// The admin's kubeconfig of a living cluster, by the step that up takes for it, from whichever master answers first.
import { createMemory } from '../engine/memory.js'
import { createObserver } from '../engine/observe.js'
import { walk } from '../engine/run.js'
import { KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import type { HostName } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import { always } from '../model/look.js'
import { clusterKubeconfig, kubeconfigSteps } from '../tasks/cluster/kubeconfig.js'
import { healthyMaster } from '../tasks/identity.js'
import type { Visit } from './visit.js'

interface Of {
  /** `cluster.kubeconfig` says where it goes. */
  readonly inventory: Inventory
  readonly masters: readonly Host[]
}

/** What was done to the file, for people. */
export const fetchKubeconfig = async (visit: Visit, { inventory, masters }: Of): Promise<'Wrote' | 'Up to date:'> => {
  const memory = createMemory()
  const ports = visit.wires.ports
  const master = await firstHealthy(visit, { inventory, masters })
  const graph: Graph = {
    stages: [
      {
        ...{ id: 'kubeconfig', title: clusterKubeconfig.title, kind: 'changes', width: 1, last: null },
        ...{ after: [], blockedBy: [] },
        lanes: [{ host: master, steps: kubeconfigSteps(inventory, 'there'), may: 'change' }],
      },
    ],
    leader: { candidates: [master], healthy: healthyMaster(inventory), founding: null },
  }
  const common = { graph, memory, ports, failed: new Set<HostName>(), interrupted: () => false }
  const { plan } = await walk({ ...common, apply: null })
  const [planned] = plan.entries
  if (planned?.verdict.kind === 'ok') return 'Up to date:'
  if (planned?.verdict.kind !== 'would-change') throw stuck(planned)
  const [done] = (await walk({ ...common, apply: { send: visit.wires.send, expected: plan } })).plan.entries
  if (done?.verdict.kind !== 'changed') throw stuck(done)
  return 'Wrote'
}

/** All are asked at once: one that is away must not keep the others waiting. */
const firstHealthy = async ({ wires, emit }: Visit, { inventory, masters }: Of): Promise<HostName> => {
  const observer = createObserver({
    memory: createMemory(),
    ports: wires.ports,
    rule: { candidates: [], healthy: always(false), founding: null },
  })
  const refusals: string[] = []
  const asked = masters.map(async ({ name: host, ssh }) => {
    emit({ type: 'connecting', host, address: ssh.address })
    await wires.session(host)
    const seen = await observer.observe(healthyMaster(inventory), { host, glance: 0 })
    if (seen.status === 'known' && seen.state) return host
    const why =
      seen.status === 'unreadable' ? seen.why : `its API server is not a ready one of ${inventory.cluster.name}`
    throw new KhactlError('kubeconfig.master', { message: why, exit: 'failed' })
  })
  for (const [index, one] of asked.entries())
    one.catch((error: unknown) => {
      refusals[index] = `${masters[index]?.name}: ${failureOf(error).message}`
    })
  try {
    return await Promise.any(asked)
  } catch (error) {
    const exits = error instanceof AggregateError ? error.errors.map((one) => failureOf(one).exit) : []
    const [exit = 'failed'] = new Set(exits).size === 1 ? exits : []
    throw new KhactlError('cluster.no-leader', {
      message: `no master of ${inventory.cluster.name} is healthy`,
      exit,
      tail: refusals,
      hint: 'khactl plan shows what each of them is, and khactl up mends what can be mended.',
    })
  }
}

const stuck = (entry: Awaited<ReturnType<typeof walk>>['plan']['entries'][number] | undefined): Error => {
  const verdict = entry?.verdict
  if (verdict?.kind === 'failed') return new KhactlError(verdict.failure.code, verdict.failure)
  if (verdict?.kind === 'problem') {
    const [{ message, hint = '' } = { message: '' }] = verdict.problems
    return new KhactlError('kubeconfig.refused', { message, hint, exit: 'refused' })
  }
  const why = verdict?.kind === 'unreadable' ? verdict.why : (verdict?.kind ?? 'it was not looked at')
  return new KhactlError('kubeconfig.unreadable', {
    message: `the kubeconfig could not be read: ${why}`,
    exit: 'failed',
  })
}
