// What a run came to: a fold of its events, for the last lines on the screen.
import type { ExitClass } from '../model/error.js'
import type { Failure, Mode, StageOutline } from '../model/event.js'
import type { Problem } from '../model/step.js'
import { dispatch, type Cases, type Sink, type Stamped } from './bus.js'
import { itemsOf } from './plan-items.js'

export interface RunRecord {
  readonly command: string
  readonly cluster: string
  readonly inventory: string
  readonly mode: Mode
  readonly tookMs: number
  readonly stages: readonly StageRecord[]
  /** In the order of the inventory, as far as the events tell it. */
  readonly hosts: readonly HostRecord[]
  /** In the order in which they happened. */
  readonly failures: readonly FailureRecord[]
  /** What goes on on the hosts although the run was stopped, as sentences. */
  readonly detached: readonly string[]
  readonly problems: readonly { readonly host: string; readonly problem: Problem }[]
  readonly roundTrips: Readonly<Record<string, number>>
  readonly exit: ExitClass
}

interface StageRecord extends StageOutline {
  /** null: it did not start, or did not end. */
  readonly tookMs: number | null
}

export interface HostRecord {
  readonly host: string
  /** Things changed, steps that were right already, steps not done, steps left by --limit. */
  readonly changed: number
  readonly right: number
  readonly skipped: number
  readonly left: number
  readonly failed: number
  /** Why steps were skipped; the first reason. */
  readonly why: string | null
}

export interface FailureRecord {
  readonly host?: string
  readonly title?: string
  readonly failure: Failure
}

type Open<T> = { -readonly [K in keyof T]: T[K] }

/** A second walk starts the counts anew: what the plan saw is not what the run came to. */
export const createRunRecord = (): Sink & { readonly record: () => RunRecord } => {
  const run = { command: '', cluster: '', inventory: '', mode: 'plan' as Mode, exit: 'ok' as ExitClass }
  let [from, to] = [Number.NaN, Number.NaN]
  let roundTrips: Readonly<Record<string, number>> = {}
  let stages: Open<StageRecord>[] = []
  let walkFailures: FailureRecord[] = []
  let problems: { host: string; problem: Problem }[] = []
  let detached: string[] = []
  const failures: FailureRecord[] = []
  const hosts = new Map<string, Open<HostRecord>>()

  const hostOf = (host: string): Open<HostRecord> => {
    const fresh = { host, changed: 0, right: 0, skipped: 0, left: 0, failed: 0, why: null }
    const found = hosts.get(host) ?? fresh
    hosts.set(host, found)
    return found
  }
  const stepEnded = ({ host: name, title, verdict }: Stamped & { type: 'step-ended' }): void => {
    const host = hostOf(name)
    if ('problems' in verdict) problems.push(...verdict.problems.map((problem) => ({ host: name, problem })))
    switch (verdict.kind) {
      case 'changed':
        host.changed += itemsOf(verdict.changes).length
        break
      case 'ok':
        host.right += 1
        break
      case 'would-change':
      case 'unknown':
        host.left += 1
        break
      case 'skipped':
        host.skipped += 1
        host.why ??= verdict.why
        break
      case 'detached':
        host.skipped += 1
        detached.push(verdict.why)
        break
      case 'problem':
        host.failed += 1
        break
      case 'unreadable':
        host.failed += 1
        walkFailures.push({
          host: name,
          title,
          failure: { code: 'step.unreadable', message: `could not be read: ${verdict.why}`, exit: 'failed' },
        })
        break
      case 'failed':
        host.failed += 1
        walkFailures.push({ host: name, title, failure: verdict.failure })
        break
    }
  }
  const cases: Cases<void> = {
    'run-started': ({ command, cluster, inventory, hosts: named }) => {
      Object.assign(run, { command, cluster, inventory })
      for (const host of named ?? []) hostOf(host)
    },
    'walk-started': ({ mode, stages: outline }) => {
      run.mode = mode
      walkFailures = []
      problems = []
      detached = []
      stages = outline.map((stage) => ({ ...stage, tookMs: null }))
      hosts.clear()
      for (const host of outline.flatMap((stage) => stage.hosts)) hostOf(host)
    },
    'stage-ended': ({ stage: name, tookMs }) => {
      for (const stage of stages) if (stage.stage === name) stage.tookMs = tookMs
    },
    'step-ended': stepEnded,
    failure: ({ host, failure }) => void failures.push({ ...(host === undefined ? {} : { host }), failure }),
    'run-ended': (event) => {
      run.exit = event.exit
      roundTrips = event.roundTrips
    },
  }
  return {
    name: 'summary',
    take: (event) => {
      if (Number.isNaN(from)) from = event.at
      to = event.at
      dispatch(event, cases)
    },
    record: () => ({
      ...run,
      tookMs: Number.isNaN(from) ? 0 : to - from,
      stages,
      problems,
      detached,
      roundTrips,
      hosts: [...hosts.values()],
      failures: [...failures, ...walkFailures],
    }),
  }
}
