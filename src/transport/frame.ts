// The frames of a root shell, pure: a fixed-length header towards the host, marks around each answer from it.

/** Fixed, so that the host reads it in one go and never a byte too many. */
export const headerBytes = 64

/** `kill` ends the running script, `ping` says that the operator is still there; both have no answer of their own. */
type Verb = 'run' | 'lock' | 'break' | 'kill' | 'ping'

export interface Frame {
  readonly verb: Verb
  /** 16 hexadecimal digits, new for each request; `kill` carries that of the request it ends. */
  readonly nonce: string
  /** Without NUL, which no sh can hold. */
  readonly script?: string
  readonly stdin?: Uint8Array
  /** How long the host waits for the rest of the frame. */
  readonly seconds?: number
}

export const encodeFrame = (frame: Frame): Buffer => {
  // The command substitution that reads the script drops newlines at its end: end it in something else.
  const script = frame.script === undefined ? Buffer.alloc(0) : Buffer.from(`${frame.script}\n#`)
  const stdin = frame.stdin ?? Buffer.alloc(0)
  const fields = [frame.verb, frame.nonce, script.length, stdin.length, Math.ceil(frame.seconds ?? 1)]
  const header = Buffer.from(`${fields.join(' ').padEnd(headerBytes - 1)}\n`)
  return Buffer.concat([header, script, stdin])
}

export const marks = (nonce: string) => ({
  ready: `\n@khactl:${nonce}:ready\n`,
  start: `\n@khactl:${nonce}:start\n`,
  end: `\n@khactl:${nonce}:end:`,
})

/** Three digits and a newline. */
const statusBytes = 4
const nothing = Buffer.alloc(0)

export interface AnswerParser {
  /** Takes the next bytes of one stream, cut anywhere; gives back those that follow the end mark. */
  push(chunk: Buffer): Buffer
  /** The status once the end mark was seen, else null. */
  status(): number | null
  /** What the script wrote between the marks, byte for byte; before the end mark it may hold the beginning of that. */
  bytes(): Buffer
}

/** Finds one answer in one stream: what precedes the start mark is login noise, what follows the end mark is the next one's. */
export const createAnswerParser = (nonce: string): AnswerParser => {
  const start = Buffer.from(marks(nonce).start)
  const end = Buffer.from(marks(nonce).end)
  const body: Buffer[] = []
  let place: 'before' | 'inside' | 'after' = 'before'
  let held: Buffer = Buffer.alloc(0)
  let status: number | null = null

  const push = (chunk: Buffer): Buffer => {
    if (place === 'after') return chunk
    let data = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    if (place === 'before') {
      const at = data.indexOf(start)
      if (at < 0) {
        held = data.subarray(Math.max(0, data.length - start.length + 1))
        return nothing
      }
      place = 'inside'
      data = data.subarray(at + start.length)
    }
    const at = data.indexOf(end)
    const kept = at < 0 ? Math.max(0, data.length - end.length + 1) : at
    if (kept > 0) body.push(data.subarray(0, kept))
    held = data.subarray(kept)
    if (at < 0 || held.length < end.length + statusBytes) return nothing
    status = Number(held.toString('latin1', end.length, end.length + 3))
    place = 'after'
    return held.subarray(end.length + statusBytes)
  }
  return { push, status: () => status, bytes: () => Buffer.concat(place === 'inside' ? [...body, held] : body) }
}
