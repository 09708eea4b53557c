// What up, plan and preflight share: inventory and playbook read, hosts looked at, the graph compiled, the first plan made.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { identify } from '../engine/identify.js'
import { createMemory } from '../engine/memory.js'
import { walk } from '../engine/run.js'
import { holdsVip } from '../endpoint/holds-vip.js'
import { KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import type { Emit } from '../model/event.js'
import type { Graph } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { Plan } from '../model/plan.js'
import { compile } from '../playbook/compile.js'
import { loadPlaybook } from '../playbook/load.js'
import { healthyMaster, identity } from '../tasks/identity.js'
import { founding } from '../tasks/kubeadm/init.js'
import { registry } from '../tasks/registry.js'
import { createConnector } from '../transport/connector.js'
import { compose, type Wires } from './compose.js'
import { cutOf } from './cut.js'
import type { RunOptions } from './options.js'

export interface Survey {
  readonly inventory: Inventory
  readonly graph: Graph
  readonly wires: Wires
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly unreachable: ReadonlySet<HostName>
  /** The first unreachable host's own error, for the exit code. */
  readonly failures: readonly KhactlError[]
  readonly plan: Plan
  close(): Promise<void>
}

export interface SurveyInput {
  readonly inventory: Inventory
  /** Name of a playbook that ships with khactl. */
  readonly playbook: string
  readonly options: RunOptions
  readonly emit: Emit
  readonly env: Readonly<Record<string, string | undefined>>
  readonly interrupted: () => boolean
}

export const survey = async (input: SurveyInput): Promise<Survey> => {
  const { inventory, emit, env } = input
  const playbook = loadPlaybook(await shippedPlaybook(input.playbook), registry)
  const cut = cutOf(input.options, { inventory, playbook })
  const connector = createConnector({
    hosts: inventory.hosts,
    agentSocket: env['SSH_AUTH_SOCK'],
    log: (host, text) => emit({ type: 'note', level: 'info', text, host }),
  })
  try {
    const wires = compose({ connector, emit, env })
    const memory = createMemory()
    const failures: KhactlError[] = []
    const observed = await identify({
      hosts: inventory.hosts.map(({ name }) => name),
      look: (name) => identity(inventory, hostNamed(inventory, name)),
      memory,
      ports: wires.ports,
      reach: (name) => reach(name, { inventory, wires, emit, failures }),
    })
    const graph = compile({
      playbook,
      inventory,
      registry,
      observed,
      endpointAnswers: null,
      looks: { healthyMaster: healthyMaster(inventory), holdsVip: holdsVip(inventory) },
      founding,
      cut,
    })
    const unreachable = new Set([...observed].filter(([, { kind }]) => kind === 'unreachable').map(([name]) => name))
    const { ports } = wires
    const { plan } = await walk({
      graph,
      memory,
      ports,
      apply: null,
      failed: unreachable,
      interrupted: input.interrupted,
    })
    return {
      ...{ inventory, graph, wires, observed, unreachable, failures, plan },
      close: () => connector.closeAll(),
    }
  } catch (error) {
    await connector.closeAll()
    throw error
  }
}

const shippedPlaybook = async (name: string): Promise<{ readonly file: string; readonly text: string }> => {
  const file = resolve(import.meta.dirname, '../../playbooks', `${name}.yaml`)
  return { file: join('playbooks', `${name}.yaml`), text: await readFile(file, 'utf8') }
}

const reach = async (
  host: HostName,
  { inventory, wires, emit, failures }: { inventory: Inventory; wires: Wires; emit: Emit; failures: KhactlError[] },
) => {
  const started = performance.now()
  emit({ type: 'connecting', host, address: hostNamed(inventory, host).ssh.address })
  try {
    await wires.session(host)
    emit({ type: 'connected', host, tookMs: performance.now() - started })
    return { kind: 'reached' as const }
  } catch (error) {
    if (!(error instanceof KhactlError)) throw error
    failures.push(error)
    emit({ type: 'failure', host, failure: failureOf(error) })
    return { kind: 'unreachable' as const, why: error.message }
  }
}

const hostNamed = (inventory: Inventory, name: HostName) => {
  const host = inventory.hosts.find((one) => one.name === name)
  if (!host) throw new Error(`no host ${name} in the inventory`)
  return host
}
