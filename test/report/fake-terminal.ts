// A terminal for tests: keeps what was written, and knows what stands on the screen (the few sequences khactl writes).
export interface FakeTerminal {
  columns: number
  rows: number
  readonly isTTY: true
  write(text: string): boolean
  /** Every write. */
  readonly chunks: () => readonly string[]
  /** Everything above and on the screen, as text; throws for a sequence it does not know. */
  readonly screen: () => readonly string[]
  readonly cursor: () => 'shown' | 'hidden'
}

export const fakeTerminal = (columns = 80, rows = 24): FakeTerminal => {
  const chunks: string[] = []
  return {
    columns,
    rows,
    isTTY: true,
    write: (text) => {
      chunks.push(text)
      return true
    },
    chunks: () => chunks,
    screen: () => render(chunks.join('')),
    cursor: () => {
      const all = chunks.join('')
      return all.lastIndexOf('\u001B[?25l') > all.lastIndexOf('\u001B[?25h') ? 'hidden' : 'shown'
    },
  }
}

const render = (text: string): readonly string[] => {
  const lines: string[] = ['']
  let [row, column] = [0, 0]
  for (const [part] of text.matchAll(/\u001B\[[?\d;]*[A-Za-z]|\r|\n|[^\u001B\r\n]+/g)) {
    const line = lines[row] ?? ''
    const up = /^\u001B\[(\d+)A$/.exec(part)
    if (up) row = Math.max(0, row - Number(up[1]))
    else if (part === '\u001B[K') lines[row] = line.slice(0, column)
    else if (part === '\u001B[0J') lines.splice(row, lines.length, line.slice(0, column))
    else if (part === '\r') column = 0
    else if (part === '\n') {
      row += 1
      column = 0
      lines[row] ??= ''
    } else if (!part.startsWith('\u001B')) {
      lines[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length)
      column += part.length
    } else if (!/^\u001B\[(\?25[lh]|\d*m)$/.test(part)) throw new Error(`unknown sequence ${JSON.stringify(part)}`)
  }
  return lines.map((line) => line.trimEnd())
}
