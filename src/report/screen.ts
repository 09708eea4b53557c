// The lower part of a terminal that is drawn over and over, and lines that stay above it.
import { plainLine } from '../text/plain.js'
import { displayWidth } from '../text/width.js'

export interface TerminalStream {
  write(text: string): unknown
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Screen {
  /** Replaces the picture; nothing is written when it is the same. */
  draw(lines: readonly string[]): void
  /** Lines that stay, above the picture; on the screen with the next draw or finish. */
  above(lines: readonly string[]): void
  /** The last picture: it stays, and the cursor is back. */
  finish(lines: readonly string[]): void
}

const hideCursor = '\u001B[?25l'
const showCursor = '\u001B[?25h'
const clearLine = '\u001B[K'
const clearBelow = '\u001B[0J'

export const createScreen = (stream: TerminalStream): Screen => {
  let drawn: readonly string[] = []
  let waiting: string[] = []
  let hidden = false

  /** To the first line of the picture. After a terminal became narrower, its lines take more than one row each. */
  const home = (): string => {
    const columns = stream.columns ?? 80
    const height = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(plainLine(line)) / columns)), 0)
    return height === 0 ? '' : `\r\u001B[${height}A`
  }
  const write = (lines: readonly string[], ends: { readonly before: string; readonly after: string }): void => {
    const all = [...waiting, ...lines].map((line) => `${line}${clearLine}\n`).join('')
    stream.write(`${ends.before}${home()}${all}${clearBelow}${ends.after}`)
    waiting = []
  }
  return {
    draw: (lines) => {
      if (waiting.length === 0 && lines.length === drawn.length && lines.every((line, index) => line === drawn[index]))
        return
      write(lines, { before: hidden ? '' : hideCursor, after: '' })
      hidden = true
      drawn = lines
    },
    above: (lines) => {
      waiting.push(...lines)
    },
    finish: (lines) => {
      if (drawn.length > 0 || waiting.length > 0 || lines.length > 0 || hidden)
        write(lines, { before: '', after: hidden ? showCursor : '' })
      hidden = false
      drawn = []
    },
  }
}
