// One request's answer, gathered from two streams.
import { KhactlError } from '../model/error.js'
import type { Answer } from '../model/session.js'
import { defer } from './deferred.js'
import { createAnswerParser } from './frame.js'
import { createLineSplitter } from './lines.js'
import { lastLines } from './ssh-error.js'
import type { Terminal } from './wire.js'

const nothing = Buffer.alloc(0)

export interface Exchange {
  /** Takes the next bytes; gives back those that follow the answer. */
  stdout(chunk: Buffer): Buffer
  stderr(chunk: Buffer): Buffer
  /** The far end is gone: the same error, with the command and what it had printed. */
  fail(error: KhactlError): void
  /** Complete when the end mark was seen on both streams, whoever still holds them. */
  readonly answer: Promise<Answer>
}

export const createExchange = (options: {
  readonly nonce: string
  readonly shown?: string
  readonly onLine?: (line: string) => void
  /** On a terminal what went to stderr follows on stdout, with marks of its own. */
  readonly terminal: Terminal
}): Exchange => {
  const stdout = createAnswerParser(options.nonce)
  const stderr = createAnswerParser(options.nonce)
  const done = defer<Answer>()

  const ear = (parser: typeof stdout): ((chunk: Buffer) => Buffer) => {
    const lines = options.onLine ? createLineSplitter(options.nonce, options.onLine) : null
    return (chunk) => {
      lines?.(chunk)
      const rest = parser.push(chunk)
      const status = stdout.status()
      if (status !== null && stderr.status() !== null)
        done.resolve({ status, stdout: stdout.bytes(), stderr: stderr.bytes() })
      return rest
    }
  }

  const ears = { stdout: ear(stdout), stderr: ear(stderr) }

  return {
    stdout: (chunk) => {
      const rest = ears.stdout(chunk)
      return options.terminal === 'pty' && rest.length > 0 ? ears.stderr(rest) : rest
    },
    stderr: (chunk) => (options.terminal === 'none' ? ears.stderr(chunk) : nothing),
    fail: (error) =>
      done.reject(
        new KhactlError(error.code, {
          ...error.details,
          ...(options.shown === undefined ? {} : { command: options.shown }),
          status: null,
          tail: lastLines(stdout.bytes(), stderr.bytes()),
        }),
      ),
    answer: done.promise,
  }
}
