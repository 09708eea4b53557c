// The question, Ctrl-C, and what the options come to.
import { describe, expect, test } from 'vitest'
import { ask } from '../../src/cli/ask.js'
import { commandLine, list } from '../../src/cli/options.js'
import { watchSignals } from '../../src/cli/signals.js'
import { fakeIo } from './fake-io.js'

describe('ask', () => {
  test.each([
    ['yes\r', 'yes'],
    ['Y\r', 'yes'],
    [' y \r', 'yes'],
    ['\r', 'no'],
    ['yess\r', 'no'],
    ['no\r', 'no'],
    ['\u0004', 'no'],
    ['\u0003', 'interrupted'],
  ])('%j is %s', async (typed, reply) => {
    const fake = fakeIo({ terminal: true })
    const asked = ask('Make these changes?', { io: fake.io })
    fake.type(typed)
    expect(await asked).toBe(reply)
    expect(fake.err()).toContain('Make these changes? [y/N] ')
  })

  test('the end of input is no; a signal meanwhile interrupts, and one before asks nothing', async () => {
    const ended = fakeIo({ terminal: true })
    const asked = ask('Sure?', { io: ended.io })
    ended.end()
    expect(await asked).toBe('no')
    const fake = fakeIo({ terminal: true })
    const controller = new AbortController()
    const waiting = ask('Sure?', { io: fake.io, signal: controller.signal })
    controller.abort()
    expect(await waiting).toBe('interrupted')
    const quiet = fakeIo({ terminal: true })
    expect(await ask('Sure?', { io: quiet.io, signal: controller.signal })).toBe('interrupted')
    expect(quiet.err()).toBe('')
  })

  test('refuses without a terminal', async () => {
    await expect(ask('Sure?', { io: fakeIo().io })).rejects.toMatchObject({
      code: 'cli.no-terminal',
      details: { exit: 'usage', hint: expect.stringContaining('--yes') as string },
    })
  })
})

test('the first signal asks to stop, the second leaves at once', () => {
  const fake = fakeIo()
  let told = 0
  const watch = watchSignals(fake.io, () => (told += 1))
  expect(watch.interrupted()).toBe(false)
  fake.raise('SIGINT')
  expect(watch.interrupted()).toBe(true)
  // A terminal that closes says so twice.
  fake.raise('SIGHUP')
  expect(told).toBe(1)
  expect(() => fake.raise('SIGTERM')).toThrow('exit 130')
  expect(fake.exits).toEqual([130])
  watch.release()
  fake.raise('SIGINT')
  expect(fake.exits).toEqual([130])
})

test('lists, and the command line to type again', () => {
  expect(list('a, b,,worker-[1,2]', ['x'])).toEqual(['x', 'a', 'b', 'worker-[1,2]'])
  expect(commandLine(['up', 'my lab.yaml', '--limit', 'worker-*'])).toBe("khactl up 'my lab.yaml' --limit 'worker-*'")
})
