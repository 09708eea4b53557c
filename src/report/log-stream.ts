// Lines to a file in few writes: each may wait a moment for others. pino's own destination syncs the disk at every flush.
import { writeFileSync } from 'node:fs'
import type { Ms } from '../model/session.js'

/** Characters that one write takes in place of a hundred writes. */
const mostWaiting = 16_384
/** What waits for company waits no longer. */
const longestWait: Ms = 200

export interface LogStream {
  write(line: string): void
  /** Throws what the file system says, and keeps what it did not take. */
  flush(): void
}

export const createLogStream = (descriptor: number): LogStream => {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting === '') return
    writeFileSync(descriptor, waiting)
    waiting = ''
  }
  const flushLate = (): void => {
    try {
      flush()
    } catch {
      // Nobody calls who could be told: a disk that is full must not end a run. The next write that matters fails and is told.
    }
  }
  return {
    flush,
    write: (line) => {
      waiting += line
      if (waiting.length > mostWaiting) flush()
      else timer ??= setTimeout(flushLate, longestWait).unref()
    },
  }
}
