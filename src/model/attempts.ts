// Several attempts at one thing: the first failure is the cause, the later ones often only its consequences (R-U2).
import { KhactlError } from './error.js'

/** With the last line that was printed, where a message only says that something failed. */
const said = ({ message, details: { tail = [] } }: KhactlError): string => [message, ...tail.slice(-1)].join(': ')

/** The first error, with what the later ones said kept beside it. */
export const firstOf = (first: KhactlError, later: readonly KhactlError[]): KhactlError =>
  later.length === 0 ? first : new KhactlError(first.code, { ...first.details, attempts: later.map(said) })
