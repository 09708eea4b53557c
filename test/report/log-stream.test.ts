// The log's file on a disk that is full: whoever writes is told, and nothing ends by itself.
import { closeSync, openSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLogStream } from '../../src/report/log-stream.js'

test('a full disk fails whoever flushes, not the run', async () => {
  const descriptor = openSync('/dev/full', 'w')
  const stream = createLogStream(descriptor)
  stream.write('one\n')
  // Longer than it waits by itself: an error there would be nobody's, and end this process.
  await wait(400)
  expect(() => stream.flush()).toThrow('ENOSPC')
  expect(() => stream.write('x'.repeat(20_000))).toThrow('ENOSPC')
  closeSync(descriptor)
})
