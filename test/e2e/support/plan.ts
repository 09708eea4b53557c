// What khactl said, as programs read it.
import { expect } from 'vitest'
import type { PlanJson } from '../../../src/report/plan-json.js'
import type { Lab, Outcome } from './lab.js'

/** The plan's JSON; the exit status must be the expected one. */
export const planOf = async (
  lab: Lab,
  { exit, inventory = lab.inventory }: { exit: number; inventory?: string },
): Promise<PlanJson> => {
  const outcome = await lab.khactl('plan', inventory, '--json')
  expect(outcome.status, tail(outcome)).toBe(exit)
  return JSON.parse(outcome.stdout) as PlanJson
}

/** `host path`, sorted. */
export const changesIn = (plan: PlanJson): readonly string[] =>
  plan.entries
    .flatMap(({ host, verdict, changes, step }) =>
      verdict === 'unknown' ? [`${host} unknown ${step}`] : changes.map(({ path }) => `${host} ${path}`),
    )
    .toSorted()

export interface Applied extends Outcome {
  readonly events: readonly Readonly<Record<string, unknown>>[]
  /** `host path` of everything that was changed, sorted. */
  readonly changed: readonly string[]
  readonly roundTrips: Readonly<Record<string, number>>
}

export const upOf = async (
  lab: Lab,
  {
    exit,
    inventory = lab.inventory,
    args = [],
  }: { exit: number | 'any'; inventory?: string; args?: readonly string[] },
): Promise<Applied> => {
  const outcome = await lab.khactl('up', inventory, '--yes', '--json', ...args)
  if (exit !== 'any') expect(outcome.status, tail(outcome)).toBe(exit)
  return { ...outcome, ...readEvents(outcome.stdout) }
}

export const readEvents = (text: string): Pick<Applied, 'events' | 'changed' | 'roundTrips'> => {
  const events = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  const changed = events.flatMap((event) => {
    const verdict = event['verdict'] as { kind?: string; changes?: readonly { path: string }[] } | undefined
    return event['type'] === 'step-ended' && verdict?.kind === 'changed'
      ? (verdict.changes ?? []).map(({ path }) => `${String(event['host'])} ${path}`)
      : []
  })
  const ended = events.find(({ type }) => type === 'run-ended') as { roundTrips?: Record<string, number> } | undefined
  return { events, changed: changed.toSorted(), roundTrips: ended?.roundTrips ?? {} }
}

export const tail = ({ stdout, stderr }: Outcome): string => `${stdout.slice(-3000)}\n${stderr.slice(-3000)}`
