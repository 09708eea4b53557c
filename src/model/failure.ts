// Whatever was thrown → what can be shown and stored of it.
import { KhactlError } from './error.js'
import type { Failure } from './event.js'

/** A thing that is no KhactlError is a defect of khactl and keeps its stack. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof KhactlError) {
    const { cause, ...details } = error.details
    const causes = causesOf(cause)
    return { code: error.code, ...details, ...(causes.length === 0 ? {} : { causes }) }
  }
  return {
    code: 'defect',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    exit: 'failed',
    hint: 'This is a defect of khactl, not of your hosts. Please report it together with the log file.',
  }
}

/** The chain of causes, the first one first. */
const causesOf = (cause: unknown): readonly string[] => {
  if (cause === undefined || cause === null) return []
  if (cause instanceof AggregateError) return cause.errors.flatMap(causesOf)
  if (cause instanceof Error) return [...causesOf(cause.cause), cause.message]
  return [typeof cause === 'string' ? cause : JSON.stringify(cause)]
}
