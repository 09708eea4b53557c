// What up, plan and preflight share: inventory and playbook read, hosts looked at, the graph compiled, the first plan made.
import { realpath } from 'node:fs/promises'
import { createMemory, type Probe } from '../engine/memory.js'
import { inSlices } from '../model/pieces.js'
import { walk } from '../engine/run.js'
import { withoutHost } from '../inventory/without-host.js'
import { versionOf } from '../inventory/build.js'
import { holdsVip } from '../endpoint/holds-vip.js'
import type { Secret } from '../model/command.js'
import { KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import type { Emit } from '../model/event.js'
import type { Graph } from '../model/graph.js'
import type { HostName, HostState } from '../model/host.js'
import type { Host, Inventory } from '../model/inventory.js'
import type { ClusterView } from '../model/membership.js'
import type { Plan } from '../model/plan.js'
import type { Wishes } from '../model/playbook.js'
import type { AskSecret, Ms } from '../model/session.js'
import { compiling, type Compile } from '../playbook/compile.js'
import { healthyMaster } from '../tasks/identity.js'
import { founding } from '../tasks/kubeadm/init.js'
import { registry } from '../tasks/registry.js'
import { createConnector } from '../transport/connector.js'
import { defer } from '../transport/deferred.js'
import { createLasting } from '../transport/lasting.js'
import { awaitBusy } from './await-busy.js'
import { contactsOf, deadIn } from './contacts.js'
import { compose, type Wires } from './compose.js'
import { cutOf } from './cut.js'
import { createFirstLook } from './first-look.js'
import { withHostKeys } from './host-keys.js'
import type { RunOptions } from './options.js'
import { lockHosts } from './locks.js'
import { readPlaybook, type OwnPlaybook } from './read-playbook.js'
import { settling } from './settle.js'
import { unlessInterrupted } from './signals.js'

export interface Survey {
  readonly inventory: Inventory
  readonly graph: Graph
  readonly wires: Wires
  readonly observed: ReadonlyMap<HostName, HostState>
  readonly unreachable: ReadonlySet<HostName>
  /** The first unreachable host's own error, for the exit code. */
  readonly failures: readonly KhactlError[]
  readonly plan: Plan
  /** What was asked for the plan with probes that disturb or wait: believed for a while yet. */
  readonly probes: { readonly told: readonly Probe[]; readonly at: Ms }
  /** What a master that answers said of the cluster; null: none could tell. */
  readonly view: ClusterView | null
  close(): Promise<void>
}

export interface SurveyInput {
  readonly inventory: Inventory
  /** Name of one that ships with khactl, or people's own. */
  readonly playbook: string | OwnPlaybook
  readonly options: RunOptions
  readonly wishes: Wishes
  readonly emit: Emit
  /** Of this process, for the locks of hosts that are waited for. */
  readonly pid: number
  /** Masks a secret that is made during the run, in all that is said from then on. */
  readonly hide: (secret: Secret) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly askSecret: AskSecret
  /** Aborted when the operator stops the run: nothing has been changed by then, so all is left as it stands. */
  readonly stop: AbortSignal
}

export const survey = async (input: SurveyInput): Promise<Survey> => {
  const { env, wishes, stop } = input
  // Once it is given up nobody listens any more: what was still under way then is no event behind the last one.
  let isOver = false
  const emit: Emit = (event) => {
    if (!isOver) input.emit(event)
  }
  const interrupted = () => stop.aborted
  const playbook = await readPlaybook(input.playbook)
  const file = await realpath(input.inventory.file)
  const cut = cutOf(input.options, { inventory: input.inventory, playbook })
  const contacts = contactsOf(input.inventory, wishes)
  const dead = deadIn(input.inventory)
  const underWay = defer<void>()
  const direct = createConnector({
    dialled: underWay.resolve,
    hosts: contacts.map((host) => withHostKeys(host, input.options.hostKeys)),
    agentSocket: env['SSH_AUTH_SOCK'],
    environment: env,
    askSecret: input.askSecret,
    log: onceInARow((host, text) => emit({ type: 'note', level: 'info', text, host })),
  })
  const connector = createLasting({
    connector: direct,
    tell: (host, note) => emit({ type: 'note', host, ...note }),
    givesUp: interrupted,
  })
  try {
    const wires = compose({ connector, emit, hide: input.hide, env, stop })
    const memory = createMemory()
    const failures: KhactlError[] = []
    const graphOf = (of: Pick<Compile, 'inventory' | 'observed' | 'view'>) =>
      compiling({
        ...of,
        ...{ playbook, registry, wishes, founding, cut, endpointAnswers: null },
        entries: { file, without: (text, host) => withoutHost(text, { host, hosts: of.inventory.hosts }) },
        looks: { healthyMaster: healthyMaster(of.inventory), holdsVip: holdsVip(of.inventory) },
      })
    const looking = createFirstLook({
      ...{ inventory: input.inventory, contacts, memory, ports: wires.ports, graphOf },
      underWay: underWay.promise,
      // Who cannot be connected to must not hold up the rest.
      reach: (host) => reach(host, { wires, emit, failures, dead }).finally(underWay.resolve),
    })
    const again = (names: readonly HostName[]) => {
      for (const { name } of contacts) memory.age(name)
      return looking.look(names)
    }
    const first = await unlessInterrupted(stop, looking.first())
    const observed =
      input.options.mode === 'plan'
        ? first
        : await unlessInterrupted(
            stop,
            awaitBusy({
              ...{ found: first, again, emit, interrupted },
              claim: (hosts) => lockHosts(wires, { hosts, pid: input.pid, manner: input.options.lock }),
              wait: (ms) => wires.ports.wait(ms),
            }),
          )
    const told = await unlessInterrupted(stop, looking.view(observed))
    const inventory = withRunningVersion(input.inventory, { view: told, wishes })
    const found = { inventory, observed, view: told }
    const graph = looking.foreseen(found) ?? (await inSlices(graphOf(found)))
    const unreachable = new Set(
      [...observed].filter(([name, { kind }]) => kind === 'unreachable' && !dead.has(name)).map(([name]) => name),
    )
    const { ports } = wires
    const at = ports.now()
    const looked = { graph, memory, ports, failed: unreachable, interrupted }
    const { plan: seen } = await unlessInterrupted(stop, walk({ ...looked, apply: null }))
    const plan = input.options.mode === 'plan' ? seen : await unlessInterrupted(stop, settling(looked, seen))
    return {
      ...{ inventory, graph, wires, observed, unreachable, failures, plan, view: told },
      probes: { told: memory.probes(), at },
      close: () => connector.closeAll(),
    }
  } catch (error) {
    isOver = true
    await connector.closeAll()
    throw error
  }
}

/** A host that restarts refuses connections for minutes: said once is enough. */
const onceInARow = (log: (host: HostName, text: string) => void): typeof log => {
  const last = new Map<HostName, string>()
  return (host, text) => {
    if (last.get(host) !== text) log(host, text)
    last.set(host, text)
  }
}

/** Who is added to a cluster gets the version that it runs, whatever the inventory says by now (R-K7). */
const withRunningVersion = (
  inventory: Inventory,
  { view, wishes }: { readonly view: ClusterView | null; readonly wishes: Wishes },
): Inventory => {
  if (wishes.named === 'all' || view === null || view.version === '') return inventory
  return { ...inventory, cluster: { ...inventory.cluster, version: versionOf(view.version) } }
}

const reach = async (
  { name: host, ssh }: Host,
  { wires, emit, failures, dead }: { wires: Wires; emit: Emit; failures: KhactlError[]; dead: ReadonlySet<HostName> },
) => {
  const started = performance.now()
  emit({ type: 'connecting', host, address: ssh.address })
  try {
    await wires.session(host)
    emit({ type: 'connected', host, tookMs: performance.now() - started })
    return { kind: 'reached' as const }
  } catch (error) {
    if (!(error instanceof KhactlError)) throw error
    // Of a host that is declared dead nothing else is expected; but whoever refuses a login is alive.
    if (dead.has(host) && error.code !== 'ssh.unreachable')
      throw new KhactlError('cluster.refused', {
        message: `${host} is declared dead, but SSH answers there: ${error.message}`,
        exit: 'refused',
        hint: 'Switch it off for good, or make the login work and remove it without --dead.',
      })
    // The operator stopped the run: that is no host's failure.
    if (error.code === 'ssh.closed') return { kind: 'unreachable' as const, why: error.message }
    if (dead.has(host))
      emit({ type: 'note', level: 'info', text: `does not answer, as declared: ${error.message}`, host })
    else {
      failures.push(error)
      emit({ type: 'failure', host, failure: failureOf(error) })
    }
    return { kind: 'unreachable' as const, why: error.message }
  }
}
