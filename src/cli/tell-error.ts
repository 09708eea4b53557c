// What went wrong, on stderr, and the exit code that says so.
import { exitCodes, KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import { failureLines } from '../report/error-text.js'
import { createStyle, wantsColour } from '../report/style.js'
import type { Io } from './io.js'

export const tellError = (error: unknown, io: Io): number => {
  const style = createStyle(wantsColour(io.stderr, { env: io.env, flag: 'auto' }))
  io.stderr.write(`${failureLines(failureOf(error), { style, columns: io.stderr.columns }).join('\n')}\n`)
  return error instanceof KhactlError ? exitCodes[error.details.exit] : exitCodes.failed
}
