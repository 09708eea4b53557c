// Secrets asked on the terminal: hidden, in turn, once; and what Ctrl-C and the lack of a terminal come to.
import { expect, test } from 'vitest'
import { createAskSecret } from '../../src/cli/ask-secret.js'
import { watchSignals } from '../../src/cli/signals.js'
import type { Event } from '../../src/model/event.js'
import { createRedactor } from '../../src/report/redact.js'
import { fakeIo } from './fake-io.js'

const setUp = (terminal = true) => {
  const fake = fakeIo({ terminal })
  const events: Event[] = []
  const redact = createRedactor()
  const watch = watchSignals(fake.io, () => undefined)
  const raw: boolean[] = []
  Object.assign(fake.io.stdin, { setRawMode: (mode: boolean) => void raw.push(mode) })
  const emit = (event: Event): void => void events.push(event)
  return { fake, events, redact, watch, raw, ask: createAskSecret({ io: fake.io, emit, hide: redact.register, watch }) }
}
const asked = (events: readonly Event[]) =>
  events.map((event) => (event.type === 'asking' ? event.question : event.type))

test('what is typed is not shown, masked from then on, and not asked for twice', async () => {
  const { fake, events, redact, raw, ask } = setUp()
  const both = Promise.all([ask('Passphrase of a'), ask('Passphrase of a')])
  await Promise.resolve()
  fake.type('hunter2x\u007F!\r')
  expect((await both).map((secret) => secret?.reveal())).toEqual(['hunter2!', 'hunter2!'])
  expect((await ask('Passphrase of a'))?.reveal()).toBe('hunter2!')
  expect(fake.err()).toBe('Passphrase of a: \n')
  expect(asked(events)).toEqual(['Passphrase of a', 'asked'])
  expect(redact.text('it was hunter2!')).toBe('it was ***')
  expect(raw).toEqual([true, false])
})

test('two questions come one after the other', async () => {
  const { fake, events, ask } = setUp()
  const [one, two] = [ask('Passphrase of a'), ask('Passphrase of b')]
  await Promise.resolve()
  fake.type('first\r')
  expect((await one)?.reveal()).toBe('first')
  expect(fake.err()).not.toContain('of b: \n')
  await Promise.resolve()
  fake.type('second\r')
  expect((await two)?.reveal()).toBe('second')
  expect(asked(events)).toEqual(['Passphrase of a', 'asked', 'Passphrase of b', 'asked'])
})

test.each([
  ['\r', false],
  ['\u0004', false],
  ['half\u0003', true],
])('%j is no answer, and the terminal is as it was', async (typed, interrupts) => {
  const { fake, watch, raw, ask } = setUp()
  const answer = ask('Password')
  await Promise.resolve()
  fake.type(typed)
  expect(await answer).toBeNull()
  expect([raw, watch.interrupted()]).toEqual([[true, false], interrupts])
  expect(await ask('Password')).toBeNull()
})

test('a signal meanwhile ends the question, and after it none is asked', async () => {
  const { fake, raw, ask } = setUp()
  const answer = ask('Password')
  await Promise.resolve()
  fake.raise('SIGTERM')
  expect(await answer).toBeNull()
  expect(await ask('Another')).toBeNull()
  expect([fake.err(), raw]).toEqual(['Password: \n', [true, false]])
})

test('without a terminal nobody is asked', async () => {
  const { fake, events, ask } = setUp(false)
  expect(await ask('Password')).toBeNull()
  expect([fake.err(), events]).toEqual(['', []])
})
