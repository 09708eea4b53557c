// Progress of long work: what, for how long, and how long it is expected to take.

const live = process.stderr.isTTY
const indent = { depth: 0 }

const clock = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Runs work under a title. On a terminal the line counts the seconds; elsewhere it is printed at start and end. */
export async function stage<T>(title: string, expectedSeconds: number, work: () => Promise<T>): Promise<T> {
  const begun = Date.now()
  const pad = '  '.repeat(indent.depth)
  const since = (): number => (Date.now() - begun) / 1000
  const usual = expectedSeconds >= 3 ? ` (about ${clock(expectedSeconds)})` : ''
  const nested = indent.depth > 0
  const draw = (): void => {
    process.stderr.write(`\r\x1b[K${pad}… ${title} ${clock(since())}${usual}`)
  }
  const timer = live && !nested ? setInterval(draw, 500) : undefined
  if (expectedSeconds >= 3 && (!live || nested)) say(`${pad}… ${title}${usual}`)
  indent.depth += 1
  const close = (mark: string): void => {
    clearInterval(timer)
    indent.depth -= 1
    say(`${live ? '\r\x1b[K' : ''}${pad}${mark} ${title} ${clock(since())}`)
  }
  try {
    const result = await work()
    close('✓')
    return result
  } catch (error) {
    close('✗')
    throw error
  }
}
