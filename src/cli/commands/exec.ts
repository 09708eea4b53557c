// khactl exec: one command on hosts named by --on, side by side; what they print, and the worst of their exit statuses.
import { exitCodes, KhactlError, type ExitClass } from '../../model/error.js'
import type { Command } from '../../model/command.js'
import { failureOf } from '../../model/failure.js'
import type { HostName } from '../../model/host.js'
import type { Host } from '../../model/inventory.js'
import { createHostLinesSink } from '../../report/host-lines.js'
import { createStyle, wantsColour } from '../../report/style.js'
import { diagnosticsText } from '../../text/diagnostics.js'
import { foldNames } from '../../text/fold-names.js'
import { count } from '../../text/say.js'
import { sh } from '../../text/sh.js'
import { createSemaphore } from '../../transport/semaphore.js'
import type { Io } from '../io.js'
import { hostsMeant } from '../limit.js'
import { readInventory } from '../read-inventory.js'
import { withVisit, type Visit } from '../visit.js'

export interface ExecOptions {
  readonly inventory: string
  /** As --limit takes them, and `all`. */
  readonly on: readonly string[]
  /** One: a script for sh. Several: a program and its arguments. */
  readonly words: readonly string[]
  /** Hosts at once; null: all of them. */
  readonly parallel: number | null
  readonly withinSeconds: number
  readonly output: 'text' | 'json'
  readonly hostKeys: 'accept-new' | 'strict' | null
  readonly colour: 'auto' | 'never'
  readonly again: string
}

interface End {
  readonly host: HostName
  /** Exit status of the command; null: it did not run, or how it ended is not known. */
  readonly status: number | null
  readonly exit: ExitClass
  readonly late: boolean
}

/** It takes no lock and makes no plan: what the command does is the operator's own business. */
export const exec = async (options: ExecOptions, io: Io): Promise<number> => {
  const { inventory, diagnostics } = await readInventory(options.inventory, io)
  if (inventory === null) {
    io.stderr.write(diagnosticsText(diagnostics))
    return exitCodes.usage
  }
  const hosts = hostsOn(options.on, inventory.hosts)
  const style = (stream: Io['stdout']) => createStyle(wantsColour(stream, { env: io.env, flag: options.colour }))
  const sink = createHostLinesSink({
    ...{ hosts: hosts.map(({ name }) => name), stdout: io.stdout, stderr: io.stderr, output: options.output },
    style: { stdout: style(io.stdout), stderr: style(io.stderr) },
  })
  const { hostKeys, again } = options
  return withVisit({ command: 'exec', inventory, hosts, hostKeys, again, sinks: [sink], io }, async (visit) => {
    const places = createSemaphore(options.parallel ?? hosts.length)
    const ends = await Promise.all(hosts.map((host) => places(() => runOn(visit, { host, options }))))
    io.stderr.write(`${summary(ends)}\n`)
    const code = Math.max(...ends.map(codeOf))
    const exit = ends.find((end) => codeOf(end) === code)?.exit ?? 'failed'
    return { exit, code }
  })
}

const hostsOn = (words: readonly string[], hosts: readonly Host[]): readonly Host[] => {
  if (words.includes('all')) return hosts
  const wanted = new Set(words.flatMap((word) => hostsMeant(word, { option: '--on', hosts })))
  return hosts.filter(({ name }) => wanted.has(name))
}

const runOn = async (
  { wires, emit }: Visit,
  { host: { name: host, ssh }, options }: { readonly host: Host; readonly options: ExecOptions },
): Promise<End> => {
  const started = performance.now()
  const within = options.withinSeconds * 1000
  try {
    emit({ type: 'connecting', host, address: ssh.address })
    await wires.session(host)
    emit({ type: 'connected', host, tookMs: performance.now() - started })
    const asked = performance.now()
    const { status } = await wires.send(host, commandOf(options.words), { within })
    const late = status === 124 && performance.now() - asked >= within
    return { host, status, exit: status === 0 ? 'ok' : 'failed', late }
  } catch (error) {
    if (!(error instanceof KhactlError)) throw error
    if (error.details.exit !== 'interrupted') emit({ type: 'failure', host, failure: failureOf(error) })
    return { host, status: null, exit: error.details.exit, late: false }
  }
}

const commandOf = (words: readonly string[]): Command => {
  const [script = ''] = words
  return words.length === 1 ? { parts: [script] } : sh`${words}`
}

const codeOf = ({ status, exit }: End): number => status ?? exitCodes[exit]

/** `3 hosts: 2 ok, 1 failed (master-2: 1)` */
const summary = (ends: readonly End[]): string => {
  const ran = ends.filter(({ status }) => status !== null && status !== 0)
  const others = (exits: readonly ExitClass[]): readonly HostName[] =>
    ends.filter(({ status, exit }) => status === null && exits.includes(exit)).map(({ host }) => host)
  const interrupted = others(['interrupted'])
  const unreachable = others(['unreachable', 'auth', 'hostKey'])
  const lost = ends
    .filter(({ host, status }) => status === null && ![...interrupted, ...unreachable].includes(host))
    .map(({ host }) => host)
  const said = (hosts: readonly HostName[], word: string): readonly string[] =>
    hosts.length === 0 ? [] : [`${hosts.length} ${word} (${foldNames(hosts)})`]
  const failed = ran.map(({ host, status, late }) => `${host}: ${status}${late ? ', its time ran out' : ''}`)
  return `${count(ends.length, 'host')}: ${[
    `${ends.filter(({ status }) => status === 0).length} ok`,
    ...(ran.length === 0 ? [] : [`${ran.length} failed (${failed.join(', ')})`]),
    ...said(unreachable, 'not reached'),
    ...said(lost, 'lost on the way'),
    ...said(interrupted, 'interrupted'),
  ].join(', ')}`
}
