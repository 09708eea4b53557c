// What time a host has. Asked of the host and of the operator's machine in the same round, the two can be compared.
import { fact, known, unreadable, type Fact, type HostRef, type Kind } from '../../model/fact.js'
import { raw } from '../../text/sh.js'
import { readOnly } from '../mint.js'

/** A second reading, in a request of its own, is not delayed by a login or by other questions. */
export type Reading = 'first' | 'again'

const kind: Kind<Reading, number> = {
  name: 'clock',
  stays: 'moment',
  cost: 'cheap',
  within: 5000,
  ask: () => readOnly(raw('date +%s%3N')),
  tell: ({ stdout }, readings) => {
    const text = stdout.toString('utf8').trim()
    const seen = /^\d{13}$/.test(text) ? known(Number(text)) : unreadable(`clock: date says "${text}"`)
    return readings.map(() => seen)
  },
}

/** Milliseconds since 1970. */
export const clock = (reading: Reading, at: HostRef = 'self'): Fact<number> => fact(kind, reading, at)
