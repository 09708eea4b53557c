// A root shell on a host, as the rest of the program sees it. transport/ implements it; nothing else knows SSH.
import type { Command, Secret } from './command.js'
import type { HostName } from './host.js'

/** Milliseconds. */
export type Ms = number

export interface Request {
  /** A function makes it anew whenever it is sent: a time in it is that of the sending. */
  readonly script: Command | (() => Command)
  /** Bytes for the script's standard input, sent raw; absent: /dev/null. */
  readonly stdin?: Uint8Array
  /** Total time the request may take, armed before it is sent. */
  readonly within: Ms
  /** Called for every complete line of output while the request runs. */
  readonly onLine?: (line: string) => void
  /** When it is aborted the script is ended on the host, as if its time had run out: the answer's status is 124. */
  readonly stop?: AbortSignal
  /**
   * `look`, or `harmless`: a command that may run twice; a lasting session asks again when the answer is lost. Where the run's
   * lock went to somebody else, looks alone are let through.
   */
  readonly repeat?: 'look' | 'harmless'
  /** Sent behind the host's lock without waiting for that one's answer: together they are one round trip. */
  readonly behind?: 'lock'
}

export interface Answer {
  /** Exit status of the script. 124: the time limit on the host ended it. */
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** `own` carries a host's own facts and commands, `cluster` the kubectl look-ups of a leader; the same shell where the server allows only one. */
export type ChannelName = 'own' | 'cluster'

export interface Session {
  readonly host: HostName
  /** Requests on one channel run one after the other; throws SessionError when the answer cannot be known. */
  request(channel: ChannelName, request: Request): Promise<Answer>
  /** Round trips made on this session after login, all channels together. */
  readonly roundTrips: () => number
  /** Takes the host's run lock, held by the root shell itself, so that it goes when the shell goes (R-I3). */
  lock(owner: string, manner: LockManner): Promise<LockResult>
  /** `lost`: the connection is given up; what was under way on it has no known outcome. */
  close(why?: 'lost'): Promise<void>
}

/** `again`: on a new connection of a run that held it; not taken when somebody else had it in between. */
export type LockManner = 'wait-not' | 'break' | 'again'
export type LockResult = { readonly kind: 'held' } | { readonly kind: 'taken-by'; readonly owner: string }

/** Opens the sessions of a run; each host at most once. */
export interface Connector {
  connect(host: HostName): Promise<Session>
  closeAll(): Promise<void>
}

/** Asks the operator for a secret, hidden; the same question is asked once a run. null: no terminal, or given up. */
export type AskSecret = (question: string) => Promise<Secret | null>
