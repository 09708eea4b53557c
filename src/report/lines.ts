// Progress for pipes, CI and narrow terminals: `HH:MM:SS host message`, whole lines, no escape sequences.
import type { Event, StepPlace, Verdict } from '../model/event.js'
import { plainLine } from '../text/plain.js'
import { count, duration, timeOfDay } from '../text/say.js'
import { padEnd } from '../text/width.js'
import type { Sink, Stamped } from './bus.js'
import { failureLines } from './error-text.js'
import { createStyle } from './style.js'
import { sayLevel, sayState } from './words.js'

export interface LinesOptions {
  readonly stream: { write(text: string): unknown }
  readonly now: () => number
  /** verbose: also commands, what they print, and steps that change nothing. */
  readonly verbosity: 'normal' | 'verbose'
}

/** A step that takes this long is named while it runs; quick ones only when they are done. */
const slowMs = 3_000
/** How often a line says that a step still runs. */
const heartbeatMs = 15_000
const plain = createStyle('never')

interface Running {
  readonly title: string
  readonly since: number
  told: number | null
  /** What it waits for, or the last line that it printed. */
  last: string
}

export const createLinesSink = ({ stream, now, verbosity }: LinesOptions): Sink => {
  const running = new Map<string, Running>()
  const skipped = new Map<string, string>()
  let mode: 'plan' | 'apply' = 'plan'
  let stages: readonly string[] = []
  let hostWidth = 1

  const say = (at: number, host: string | undefined, lines: readonly string[]): void => {
    if (lines.length === 0) return
    hostWidth = Math.max(hostWidth, Math.min(28, (host ?? '').length))
    const start = `${timeOfDay(at)} ${padEnd(plainLine(host ?? '-'), hostWidth)} `
    stream.write(lines.map((line) => `${start} ${plainLine(line)}`.trimEnd() + '\n').join(''))
  }
  const heartbeat = (): void => {
    const at = now()
    for (const [host, step] of running) {
      if (at - (step.told ?? step.since) < (step.told === null ? slowMs : heartbeatMs)) continue
      const last = step.last === '' ? '' : `: ${step.last}`
      const still = step.told === null ? '' : `: still running after ${duration(at - step.since)}${last}`
      step.told = at
      say(at, host, [`${step.title}${still}`])
    }
  }
  const timer = setInterval(heartbeat, 1_000)
  timer.unref()

  const follow = (event: Stamped): void => {
    if (event.type === 'walk-started') {
      mode = event.mode
      stages = event.stages.map(({ stage }) => stage)
      hostWidth = Math.max(
        hostWidth,
        ...event.stages.flatMap(({ hosts }) => hosts.map((host) => Math.min(28, host.length))),
      )
    }
    if (event.type === 'step-started')
      running.set(event.host, { title: event.title, since: event.at, told: null, last: '' })
    if (event.type === 'step-ended') running.delete(event.host)
    if (event.type === 'step-ended' && event.verdict.kind === 'skipped') skipped.set(event.host, event.verdict.why)
    const step = 'host' in event && event.host !== undefined ? running.get(event.host) : undefined
    if (step && event.type === 'output') step.last = event.line
    if (step && event.type === 'waiting') step.last = event.why
    if (step && event.type === 'output' && verbosity === 'verbose') step.told = event.at
  }
  return {
    name: 'progress',
    take: (event) => {
      follow(event)
      const told = tell(event, { mode, stages, verbosity, why: (host) => skipped.get(host) })
      say(event.at, 'host' in event ? event.host : undefined, told)
    },
    close: () => clearInterval(timer),
  }
}

interface Context {
  readonly mode: 'plan' | 'apply'
  readonly stages: readonly string[]
  readonly verbosity: 'normal' | 'verbose'
  readonly why: (host: string) => string | undefined
}

const tell = (event: Event, { mode, stages, verbosity, why }: Context): readonly string[] => {
  const wordy = <T>(lines: readonly T[]): readonly T[] => (verbosity === 'verbose' ? lines : [])
  const stageName = (stage: string): string => `stage ${stages.indexOf(stage) + 1}/${stages.length} ${stage}`
  switch (event.type) {
    case 'run-started':
      return [`khactl ${event.command}: cluster ${event.cluster}, ${event.inventory}${some(event.hosts)}`]
    case 'connecting':
      return wordy([`connecting to ${event.address}`])
    case 'connected':
      return [`connected in ${duration(event.tookMs)}`]
    case 'asking':
    case 'asked':
      // The question itself stands on the terminal.
      return []
    case 'host-state':
      // Why a host was not reached has been told as a failure.
      return event.state.kind === 'unreachable' ? [] : [sayState(event.state)]
    case 'walk-started':
      return [event.mode === 'plan' ? 'looking, nothing is changed' : 'applying the plan']
    case 'stage-started':
      return mode === 'apply' ? [`${stageName(event.stage)}: ${event.title}`] : []
    case 'stage-ended':
      return mode === 'apply' ? [`${stageName(event.stage)}: ended after ${duration(event.tookMs)}`] : []
    case 'step-started':
    case 'step-applying':
      return []
    case 'step-ended':
      return verdictLines(event, { verbosity, tookMs: event.tookMs })
    case 'waiting':
      return wordy([`waiting: ${event.why}`])
    case 'output':
      return wordy([`| ${plainLine(event.line)}`])
    case 'command':
      return wordy([`$ ${firstLine(event.command)}`])
    case 'command-ended':
      return event.status === 0 ? [] : wordy([`exit status ${event.status} after ${duration(event.tookMs)}`])
    case 'lane-ended':
      return event.outcome === 'blocked'
        ? [`stage ${event.stage}: not run, ${why(event.host) ?? 'a host it needs failed'}`]
        : []
    case 'note':
      return [event.level === 'warning' ? `warning: ${event.text}` : event.text]
    case 'failure':
      return failed(failureLines(event.failure, { style: plain }))
    case 'walk-ended':
      return [`${event.mode === 'plan' ? 'looked at everything' : 'applied'} in ${duration(event.tookMs)}`]
    case 'run-ended':
      return []
  }
}

/** In a plan only what stands in its way: the plan itself says the rest. */
const verdictLines = (
  { title, verdict }: StepPlace & { readonly verdict: Verdict },
  { verbosity, tookMs }: { readonly verbosity: string; readonly tookMs: number },
): readonly string[] => {
  switch (verdict.kind) {
    case 'ok':
      return verbosity === 'verbose' ? [`${title}: ok`, ...problemLines(verdict.problems)] : []
    case 'changed':
      return [`${title}: done in ${duration(tookMs)}`]
    case 'would-change':
      return verbosity === 'verbose' ? [`${title}: would change`] : []
    case 'unknown':
      return verbosity === 'verbose' ? [`${title}: unknown until ${verdict.until}`] : []
    case 'unreadable':
      return failed([`${title}: could not be read: ${verdict.why}`])
    case 'problem':
      return problemLines(verdict.problems)
    case 'failed':
      return failed(failureLines(verdict.failure, { place: { title }, style: plain }))
    case 'skipped':
      return []
    case 'detached':
      return [verdict.why]
  }
}

const problemLines = (problems: Extract<Verdict, { kind: 'problem' }>['problems']): readonly string[] =>
  problems.flatMap(({ level, message, hint }) => [
    `${level === 'failure' ? 'CHECK FAILED' : sayLevel(level)}: ${message}`,
    ...(hint === undefined ? [] : [`  → ${hint}`]),
  ])

const failed = ([headline = '', ...rest]: readonly string[]): readonly string[] => [`FAILED ${headline}`, ...rest]

const some = (hosts: readonly string[] | undefined): string =>
  hosts === undefined ? '' : `, ${count(hosts.length, 'host')}`

const firstLine = (command: string): string => {
  const [first = '', ...rest] = command.trim().split('\n')
  return rest.length === 0 ? first : `${first} (and ${count(rest.length, 'more line', 'more lines')}, in the log)`
}
