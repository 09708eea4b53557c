// Errors as they are shown.
import { describe, expect, test } from 'vitest'
import { KhactlError } from '../../src/model/error.js'
import { failureOf } from '../../src/model/failure.js'
import { failureLines } from '../../src/report/error-text.js'
import { createStyle } from '../../src/report/style.js'

const style = createStyle('never')

test('host, step, command as shown, exit status, last lines, cause, remedy', () => {
  const failure = failureOf(
    new KhactlError('step.command', {
      message: 'a command failed on master-2 with exit status 1',
      exit: 'failed',
      hint: 'Bring the registry back.',
      command: 'kubeadm join --token ***',
      status: 1,
      tail: ['[preflight] Running', '\u001B[31merror\u001B[0m\u0007: no route'],
      cause: new Error('second', { cause: new Error('first') }),
    }),
  )
  expect(failureLines(failure, { place: { host: 'master-2', title: 'Join the cluster' }, style }).join('\n')).toBe(
    `master-2: Join the cluster [step.command]
  a command failed on master-2 with exit status 1
  $ kubeadm join --token ***
  exit status 1
  | [preflight] Running
  | error: no route
  cause: first
  cause: second
  → Bring the registry back.`,
  )
})

describe('of other things thrown', () => {
  test('a defect keeps its stack', () => {
    const failure = failureOf(new TypeError('x is not a function'))
    expect(failure.code).toBe('defect')
    expect(failure.message).toMatch(/^TypeError: x is not a function\n\s+at /)
    expect(failureLines(failure, { style }).at(-1)).toMatch(/^ {2}→ This is a defect of khactl/)
  })
  test('anything else is said', () => expect(failureOf('gone').message).toBe('gone'))
})

test('a long script is cut, a status that is not known is said, 124 is explained', () => {
  const script = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')
  const lines = failureLines({ code: 'c', message: 'm', exit: 'failed', command: script, status: null }, { style })
  expect(lines).toEqual([
    'm [c]',
    '  $ line 0',
    ...[1, 2, 3, 4, 5].map((line) => `    line ${line}`),
    '    … 34 more lines in the log',
    '  how it ended is not known',
  ])
  expect(failureLines({ code: 'c', message: 'm', exit: 'failed', status: 124 }, { style })).toContain(
    '  exit status 124 (its time ran out)',
  )
})

test('sentences are broken at words where the terminal is narrow, what hosts printed is not', () => {
  const failure = {
    code: 'c',
    message: 'one two three four five six seven',
    exit: 'failed' as const,
    hint: 'do this and that and more',
    tail: ['x'.repeat(40)],
  }
  expect(failureLines(failure, { style, columns: 24 })).toEqual([
    'one two three four',
    '  five six seven [c]',
    `  | ${'x'.repeat(40)}`,
    '  → do this and that and',
    '    more',
  ])
})
