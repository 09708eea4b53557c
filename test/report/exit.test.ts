// Exit classes: of plans, of runs, and the worst of several.
import { describe, expect, test } from 'vitest'
import type { Event, LaneOutcome, Verdict } from '../../src/model/event.js'
import type { ExitClass } from '../../src/model/error.js'
import type { HostName } from '../../src/model/host.js'
import { planExit, worst } from '../../src/report/exit.js'
import { exitOf } from '../support/exit-of.js'
import { plans, runs } from './runs.js'

const host = 'a' as HostName
const place = { host, stage: 's', step: 'x', title: 't' }
const failure = (exit: ExitClass) => ({ code: 'c', message: 'm', exit })
const ended = (verdict: Verdict): Event => ({ type: 'step-ended', ...place, verdict, tookMs: 1 })
const lane = (outcome: LaneOutcome): Event => ({ type: 'lane-ended', host, stage: 's', outcome })
const walk: Event = { type: 'walk-started', mode: 'apply', stages: [] }

test.each([
  [plans.bare, 'changes'],
  [plans.inSync, 'ok'],
  [plans.tampered, 'changes'],
  [plans.broken, 'failed'],
  [{ entries: [] }, 'ok'],
] as const)('of plan %#', (plan, exit) => expect(planExit(plan)).toBe(exit))

test.each([
  [{ kind: 'problem', problems: [{ level: 'failure', message: 'm' }] }, 'preflight'],
  [{ kind: 'ok', problems: [{ level: 'warning', message: 'm' }] }, 'ok'],
  [{ kind: 'unknown', until: 'x' }, 'changes'],
  [{ kind: 'unreadable', why: 'x' }, 'failed'],
  [{ kind: 'failed', failure: failure('auth') }, 'auth'],
] as const satisfies readonly (readonly [Verdict, ExitClass])[])('of a plan with %j', (verdict, exit) =>
  expect(planExit({ entries: [{ ...place, verdict }] })).toBe(exit),
)

describe('of runs', () => {
  test.each(
    Object.entries(runs).map(([name, events]) => [name, exitOf(events.filter(({ type }) => type !== 'run-ended'))]),
  )('%s: %s', (name, exit) => expect(exit).toBe(name === 'failed' ? 'failed' : 'ok'))

  test.each([
    [
      'what could not be read in the plan and was mended',
      [ended({ kind: 'unreadable', why: 'x' }), walk, ended({ kind: 'ok', problems: [] })],
      'ok',
    ],
    ['a host that was not reached', [{ type: 'failure', host, failure: failure('unreachable') }, walk], 'unreachable'],
    [
      'a failed step beside it',
      [
        { type: 'failure', host, failure: failure('unreachable') },
        walk,
        ended({ kind: 'failed', failure: failure('failed') }),
      ],
      'failed',
    ],
    ['a blocked lane without a failure', [walk, lane('blocked')], 'failed'],
    [
      'a blocked lane after a failed check',
      [walk, ended({ kind: 'problem', problems: [] }), lane('blocked')],
      'preflight',
    ],
    ['an interrupt', [walk, ended({ kind: 'failed', failure: failure('failed') }), lane('interrupted')], 'interrupted'],
    ['hosts cut by --limit', [walk, ended({ kind: 'would-change', changes: [] })], 'ok'],
  ] as [string, Event[], ExitClass][])('%s', (_, events, exit) => expect(exitOf(events)).toBe(exit))
})

test('the worst wins', () => {
  expect(worst([])).toBe('ok')
  expect(worst(['ok', 'changes', 'unreachable'])).toBe('unreachable')
  expect(worst(['unreachable', 'interrupted', 'failed'])).toBe('interrupted')
})
