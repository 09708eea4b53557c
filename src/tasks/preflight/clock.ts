// Does the host's clock agree with the operator's: certificates made on one host must be valid on the others (R-O6).
import { clock } from '../../facts/preflight/clock.js'
import { all, always, chain, map, see, type Look } from '../../model/look.js'
import type { Scope } from '../../model/playbook.js'
import type { Problem, Step } from '../../model/step.js'
import { failure, preflight, warning } from './preflight-check.js'

/** Milliseconds. */
const warns = 500
const fails = 2000

const difference = (reading: 'first' | 'again'): Look<number> =>
  map(
    all({ host: see(clock(reading)), operator: see(clock(reading, 'operator')) }),
    ({ host, operator }) => host - operator,
  )

/**
 * How far the host's clock is ahead, in milliseconds. Both clocks are read in one round, so what is measured is the
 * difference plus the time a request takes on its way, behind a login or a queue. A suspicious first reading is therefore
 * taken again in a request of its own, and the smaller one counts. With 270 ms to the host a clock that is 300 ms ahead
 * reads as 435 ms (R-O6).
 */
const offset: Look<number> = chain(difference('first'), (first) =>
  Math.abs(first) <= warns
    ? always(first)
    : map(difference('again'), (again) => (Math.abs(again) < Math.abs(first) ? again : first)),
)

export const clockChecks = (scope: Scope): readonly Step[] => [
  preflight(scope, { id: 'khactl:clock', title: 'Have the right time', look: offset, problems: clockProblems }),
]

export const clockProblems = (ahead: number): readonly Problem[] => {
  const size = Math.abs(ahead)
  if (size <= warns) return []
  const told = `the clock is ${lengthOf(size)} ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`
  const hint =
    'Set it (chronyc makestep, or timedatectl set-time) and keep a time service running. If every host says so, it is this machine that is wrong.'
  return size > fails ? [failure(`${told}; at most 2 s are allowed`, hint)] : [warning(told, hint)]
}

const lengthOf = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 3_600_000)} h`
}
