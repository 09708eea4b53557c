// Errors that a user can reach: a code, what to do, and the exit code of the program.

/** Exit codes of khactl; docs/exit-codes.md is tested against this table. */
export const exitCodes = {
  /** Done, or (plan) in sync. */
  ok: 0,
  /** A step failed, a plan could not read something, or a defect. */
  failed: 1,
  /** plan: something would change, or is unknown until then. */
  changes: 2,
  /** The command line or the inventory is wrong; nothing was connected to. */
  usage: 3,
  /** A host could not be reached. */
  unreachable: 4,
  /** A login or sudo was refused. */
  auth: 5,
  /** A host key is not the recorded one, or is unknown under `strict`. */
  hostKey: 6,
  /** Another run holds a host's lock. */
  locked: 7,
  /** A preflight check failed; nothing was changed. */
  preflight: 8,
  /** khactl refuses: quorum, another cluster, a version that may not be mixed, or a plan that is no longer true. */
  refused: 9,
  /** Ctrl-C. */
  interrupted: 130,
} as const
export type ExitClass = keyof typeof exitCodes

export interface ErrorDetails {
  /** What went wrong in one sentence, with its place. */
  readonly message: string
  readonly exit: ExitClass
  /** What to do about it. */
  readonly hint?: string
  /** The command as shown (secrets masked), its exit status and the last lines it printed. */
  readonly command?: string
  readonly status?: number | null
  readonly tail?: readonly string[]
  /** What later attempts at the same thing said; the message is the first one's. */
  readonly attempts?: readonly string[]
  readonly cause?: unknown
}

/** `code` is stable and greppable: `ssh.auth`, `step.command`, `inventory.invalid`. */
export class KhactlError extends Error {
  override readonly name = 'KhactlError'
  readonly code: string
  readonly details: ErrorDetails
  constructor(code: string, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.details = details
  }
}

/** Of a command that may have run, or may not, or half of it: only a look can tell. */
export const isOutcomeUnknown = (error: unknown): error is KhactlError =>
  error instanceof KhactlError && (error.code === 'ssh.lost' || error.code === 'ssh.deadline')
