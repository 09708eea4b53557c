// A mistake in a file that the operator wrote: place, cause, remedy. Collected and shown together, never thrown one by one.

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** Stable and greppable: `inventory.unknown-key`. */
  readonly code: string
  /** The file as the operator named it. */
  readonly file: string
  /** From 1; 1:1 when it concerns the file as a whole. */
  readonly line: number
  readonly column: number
  /** The cause, one sentence. */
  readonly message: string
  /** The lines around the place with the wrong part underlined; empty when the file could not be read. */
  readonly frame: string
  /** What to write instead or to do. */
  readonly hint: string
}
