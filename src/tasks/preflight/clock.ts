// Does the host's clock agree with the operator's: certificates made on one host must be valid on the others (R-O6).
import { clockOffset, type ClockOffset } from '../../facts/preflight/clock.js'
import { always, chain, map, see, type Look } from '../../model/look.js'
import type { Problem, Step } from '../../model/step.js'
import { alike } from '../alike.js'
import { failure, preflight, warning } from './preflight-check.js'

/** Milliseconds. */
const warns = 500
const fails = 2000

/**
 * How far the host's clock is off for certain, in milliseconds. Where the answer took so long that it says too little, the
 * clock is read again in a request of its own. Each host is compared with the moments of its own question: among a thousand
 * some answer seconds later than others.
 */
const offset: Look<number> = chain(see(clockOffset('first')), (first) =>
  grade(first.least) === grade(first.most)
    ? always(certain(first))
    : map(see(clockOffset('again')), (again) => farther(certain(first), certain(again))),
)

const grade = (ahead: number): number =>
  (ahead < 0 ? -1 : 1) * [warns, fails].filter((size) => Math.abs(ahead) > size).length

export const certain = ({ least, most }: ClockOffset): number => (least > 0 ? least : most < 0 ? most : 0)

const farther = (one: number, other: number): number => (Math.abs(other) > Math.abs(one) ? other : one)

export const clockChecks = alike((scope): readonly Step[] => [
  preflight(scope, { id: 'khactl:clock', title: 'Have the right time', look: offset, problems: clockProblems }),
])

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
