// An error that is printed behind the outputs' back, by main, with what must not be seen masked as in every output.
import { KhactlError } from '../model/error.js'
import { failureOf } from '../model/failure.js'
import type { Redactor } from './redact.js'

export const masked = (error: unknown, redact: Redactor): Error => {
  const { code, causes = [], ...details } = redact.value(failureOf(error))
  if (error instanceof KhactlError)
    return new KhactlError(code, { ...details, ...(causes.length === 0 ? {} : { cause: new AggregateError(causes) }) })
  const defect = new Error(details.message)
  // The stack holds the message, and is what is printed of a defect.
  defect.stack = details.message
  return defect
}
