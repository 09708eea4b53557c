// khactl status: what the cluster is now, on one screen; looks only, takes no lock.
import { identify } from '../../engine/identify.js'
import { createMemory } from '../../engine/memory.js'
import { createObserver } from '../../engine/observe.js'
import { nodeObjects } from '../../facts/status/node-objects.js'
import { exitCodes, KhactlError, type ExitClass } from '../../model/error.js'
import { failureOf } from '../../model/failure.js'
import type { HostName } from '../../model/host.js'
import type { Host, Inventory } from '../../model/inventory.js'
import { always, see } from '../../model/look.js'
import { worst } from '../../report/exit.js'
import { createStyle, wantsColour } from '../../report/style.js'
import type { Drift, StatusSeen } from '../../report/status-seen.js'
import { statusView } from '../../report/status-view.js'
import { hostStatus, type HostStatus } from '../../tasks/status.js'
import { diagnosticsText } from '../../text/diagnostics.js'
import { deadIn } from '../contacts.js'
import { driftOf } from '../drift.js'
import type { Io } from '../io.js'
import type { RunOptions } from '../options.js'
import { readInventory } from '../read-inventory.js'
import { seenBy } from '../status-seen.js'
import { withVisit, type Visit } from '../visit.js'

export interface StatusOptions {
  /** `quick`: without drift, for which the whole plan is made. */
  readonly depth: 'whole' | 'quick'
  /** For the plan; of those of the command line only how it is told and how hosts are logged in to. */
  readonly run: RunOptions
}

export const status = async ({ depth, run }: StatusOptions, io: Io): Promise<number> => {
  const { inventory, diagnostics } = await readInventory(run.inventory, io)
  if (inventory === null) {
    io.stderr.write(diagnosticsText(diagnostics))
    return exitCodes.usage
  }
  const { hostKeys, again } = run
  const hosts = contactsOf(inventory)
  return withVisit({ command: 'status', inventory, hosts, hostKeys, again, sinks: [], io }, async (visit) => {
    const drift: Promise<Drift> =
      depth === 'quick'
        ? Promise.resolve({ kind: 'left out' })
        : driftOf({ inventory, options: run, io, askSecret: visit.askSecret, stop: visit.stop })
    const { told, failures } = await look(visit, { inventory, hosts })
    const seen: StatusSeen = { ...told, now: Math.floor(io.now() / 1000), drift: await drift }
    const exit = await show(seen, { run, io })
    // Why a host was not reached says more than that it was not.
    const code = exit === 'unreachable' ? worst(['unreachable', ...failures]) : exit
    return { exit: code, code: exitCodes[code] }
  })
}

/** A host that stays in one list and leaves another is one host. */
const contactsOf = ({ hosts, leaving }: Inventory): readonly Host[] => [
  ...hosts,
  ...leaving.filter(({ name }) => !hosts.some((host) => host.name === name)),
]

/** One request a host says what it is and how it does; one more to a healthy master says what the nodes are. */
const look = async (
  { wires, emit }: Visit,
  { inventory, hosts }: { readonly inventory: Inventory; readonly hosts: readonly Host[] },
) => {
  const failures: ExitClass[] = []
  const statuses = new Map<HostName, HostStatus>()
  const memory = createMemory()
  const rule = { candidates: [], healthy: always(false), founding: null }
  const observer = createObserver({ memory, ports: wires.ports, rule })
  const named = new Map(hosts.map((host) => [host.name, host]))
  const states = await identify({
    hosts: hosts.map(({ name }) => name),
    look: (name) => ({
      read: (sight) => {
        const host = named.get(name)
        if (host === undefined) throw new Error(`no host ${name} in the inventory`)
        const reading = hostStatus(inventory, host).read(sight)
        if (reading.status !== 'known') return reading
        statuses.set(name, reading.state)
        return reading.state.identity
      },
    }),
    observer,
    ports: wires.ports,
    reach: async (name) => {
      try {
        await wires.session(name)
        return { kind: 'reached' }
      } catch (error) {
        if (!(error instanceof KhactlError)) throw error
        if (!deadIn(inventory).has(name)) {
          failures.push(error.details.exit)
          emit({ type: 'failure', host: name, failure: failureOf(error) })
        }
        return { kind: 'unreachable', why: error.message }
      }
    },
  })
  const leader = hosts.find(({ name }) => {
    const state = states.get(name)
    return state?.kind === 'healthy' && state.role === 'master'
  })
  const nodes = leader ? await observer.observe(see(nodeObjects()), { host: leader.name, glance: 0 }) : null
  return { told: seenBy({ inventory, hosts, states, statuses, nodes }), failures }
}

const show = async (
  seen: StatusSeen,
  { run, io }: { readonly run: RunOptions; readonly io: Io },
): Promise<ExitClass> => {
  const view = statusView(seen)
  if (run.output === 'json') {
    const { statusJson } = await import('../../report/status-json.js')
    io.stdout.write(`${JSON.stringify(statusJson(view), null, 2)}\n`)
    return view.exit
  }
  const { statusText } = await import('../../report/status-text.js')
  const style = createStyle(wantsColour(io.stdout, { env: io.env, flag: run.colour }))
  io.stdout.write(statusText(view, { style, columns: io.stdout.columns ?? 80 }))
  return view.exit
}
