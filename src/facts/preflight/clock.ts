// How far a host's clock is from this machine's: what it said lies between the moments of the question and of its answer.
import { fact, known, unreadable, type Fact, type Kind } from '../../model/fact.js'
import type { Ms } from '../../model/session.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/** A second reading, in a request of its own, is not delayed by other questions. */
export type Reading = 'first' | 'again'

/** How far ahead the host's clock is, at least and at most: the longer the answer took, the farther apart. */
export interface ClockOffset {
  readonly least: Ms
  readonly most: Ms
}

const kind: Kind<Reading, ClockOffset> = {
  name: 'clock',
  stays: 'moment',
  cost: 'cheap',
  within: 5000,
  ask: () => readOnly(raw('date +%s%3N')),
  tell: ({ stdout, span }, readings) => {
    const text = stdout.toString('utf8').trim()
    const told = Number(text)
    const seen =
      span && /^\d{13}$/.test(text)
        ? known({ least: told - span.to, most: told - span.from })
        : unreadable(`clock: date says "${text}"`)
    return readings.map(() => seen)
  },
}

export const clockOffset = (reading: Reading): Fact<ClockOffset> => fact(kind, reading)
