// What is printed past the outputs, and what is made during a run: masked as everything else.
import { describe, expect, test } from 'vitest'
import { compose } from '../../src/cli/compose.js'
import { secret } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import { failureOf } from '../../src/model/failure.js'
import type { HostName } from '../../src/model/host.js'
import type { Session } from '../../src/model/session.js'
import { createBus, type Stamped } from '../../src/report/bus.js'
import { masked } from '../../src/report/masked.js'
import { createRedactor } from '../../src/report/redact.js'
import { sh } from '../../src/text/sh.js'

describe('an error', () => {
  const redact = createRedactor()
  redact.register('hunter22')

  test('of khactl keeps its code, its exit class and what it says but the secret', () => {
    const error = new KhactlError('step.command', {
      message: 'it said hunter22',
      exit: 'auth',
      hint: 'not hunter22',
      command: 'login hunter22',
      status: 1,
      tail: ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkq', '-----END PRIVATE KEY-----'],
      cause: new Error('second hunter22', { cause: new Error('first') }),
    })
    const shown = failureOf(masked(error, redact))
    expect(JSON.stringify(shown)).not.toMatch(/hunter22|MIIE/)
    expect(shown).toMatchObject({
      code: 'step.command',
      message: 'it said ***',
      exit: 'auth',
      status: 1,
      causes: ['first', 'second ***'],
    })
  })

  test('that is a defect keeps its stack', () => {
    const shown = failureOf(masked(new TypeError('hunter22 is not a function'), redact))
    expect(shown.message).toMatch(/^TypeError: \*\*\* is not a function\n +at /)
  })
})

test('a secret that is made during a run is masked in what the command is answered with, in any form', async () => {
  const host = 'master-1' as HostName
  const made = secret('made/on-the-way')
  const printed = [`token ${made.reveal()}`, Buffer.from(`x${made.reveal()}y`).toString('base64')]
  const session: Session = {
    host,
    request: (_, { onLine }) => {
      for (const line of printed) onLine?.(line)
      return Promise.resolve({ status: 1, stdout: Buffer.from(printed.join('\n')), stderr: Buffer.alloc(0) })
    },
    roundTrips: () => 0,
    lock: () => Promise.resolve({ kind: 'held' }),
    close: () => Promise.resolve(),
  }
  const events: Stamped[] = []
  const redact = createRedactor()
  const bus = createBus({ now: () => 0, sinks: [{ name: 'kept', take: (event) => void events.push(event) }], redact })
  const wires = compose({
    connector: { connect: () => Promise.resolve(session), closeAll: () => Promise.resolve() },
    emit: bus.emit,
    hide: redact.register,
    env: {},
    stop: new AbortController().signal,
  })
  await wires.send(host, sh`true`, { stdin: Buffer.from(made.reveal()), secrets: [made] })
  expect(events.map(({ type }) => type)).toEqual(['command', 'output', 'output', 'command-ended'])
  const told = JSON.stringify(events)
  expect(told).toContain('token ***')
  expect(told).not.toContain('on-the-way')
  for (const event of events)
    if (event.type === 'output')
      expect(Buffer.from(event.line.replace('***', ''), 'base64').toString()).not.toContain('made')
})
