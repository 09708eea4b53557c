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
