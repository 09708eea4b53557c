// Cuts the raw bytes of a running request into lines for people.
import { marks } from './frame.js'

/** Beyond this a line without an end is shown in pieces. */
const longest = 65_536

/** ANSI sequences, then what is left of control characters; tabs stay. */
// oxlint-disable-next-line no-control-regex
const control =
  /\u001B\[[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g

/** Of a progress line that was drawn over and over with \r, what stands there at last. */
const clean = (line: string): string => {
  const drawn = line.replace(/\r+$/, '')
  return drawn.slice(drawn.lastIndexOf('\r') + 1).replace(control, '')
}

/** Between two words where there are some: half a secret is not recognised as one. */
const cutOf = (piece: Buffer): number => {
  const blank = piece.lastIndexOf(32)
  return blank > piece.length - longest / 2 ? blank : piece.length
}

/**
 * Calls back for every line between the marks of the request, as soon as its newline is there.
 * The newline that opens the end mark also completes a last line without one; blank lines before the end mark are dropped.
 */
export const createLineSplitter = (nonce: string, onLine: (line: string) => void): ((chunk: Buffer) => void) => {
  const start = marks(nonce).start.trim()
  const end = marks(nonce).end.trim()
  let place: 'before' | 'inside' | 'after' = 'before'
  let held: Buffer = Buffer.alloc(0)
  let blank = 0

  const take = (line: string): void => {
    if (place === 'before') {
      if (line === start) place = 'inside'
      return
    }
    if (place === 'after') return
    if (line.startsWith(end)) {
      place = 'after'
      return
    }
    if (line === '') {
      blank += 1
      return
    }
    for (; blank > 0; blank -= 1) onLine('')
    onLine(clean(line))
  }

  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      take(rest.toString('utf8', 0, at))
      rest = rest.subarray(at + 1)
    }
    if (rest.length > longest && place === 'inside') {
      const at = cutOf(rest)
      take(rest.toString('utf8', 0, at))
      rest = rest.subarray(at)
    }
    held = rest
  }
}
