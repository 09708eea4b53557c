// Long work in turns of the event loop: with a thousand hosts, SSH, keepalives, Ctrl-C and the terminal still have theirs.

/** Resolves at the turn of whoever called: one a turn of the event loop, in the order in which they came. */
export type Pace = () => Promise<void>

export const createPace = (): Pace => {
  const waiting: (() => void)[] = []
  const next = (): void => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(next)
  }
  return () =>
    new Promise((turn) => {
      waiting.push(turn)
      if (waiting.length === 1) setImmediate(next)
    })
}

/** Milliseconds of work without a break. */
const slice = 5

/** To the end of what is done piece by piece, with a break whenever a slice of time has passed. */
export const inSlices = async <T>(work: Iterator<unknown, T>): Promise<T> => {
  for (let from = performance.now(); ;) {
    const piece = work.next()
    if (piece.done === true) return piece.value
    if (performance.now() - from < slice) continue
    await new Promise((turn) => setImmediate(turn))
    from = performance.now()
  }
}
