// Starts something every so many milliseconds whatever became of the earlier ones, until standard input ends.
export interface Paced {
  /** How late the latest start was: this program's own share in a slow answer. */
  readonly latestStartMs: number
}

/** Waits for what was started; a start that the machine was too busy for is made up for, never left out. */
export const paced = async (begin: () => Promise<void>, everyMs: number, ended: Promise<void>): Promise<Paced> => {
  const running = new Set<Promise<void>>()
  const zero = performance.now()
  let [count, latestStartMs] = [0, 0]
  const state = { over: false }
  void ended.then(() => (state.over = true))
  while (!state.over) {
    const late = performance.now() - (zero + count * everyMs)
    if (late < 0) {
      await new Promise((next) => setTimeout(next, Math.min(-late, 20)))
      continue
    }
    count += 1
    latestStartMs = Math.max(latestStartMs, late)
    const one = begin().finally(() => running.delete(one))
    running.add(one)
  }
  await Promise.all(running)
  return { latestStartMs: Math.round(latestStartMs) }
}

/** Both an order to stop and the end of whoever started the program. */
export const inputEnds = (): Promise<void> =>
  new Promise((done) => {
    process.stdin.on('end', () => done())
    process.stdin.on('close', () => done())
    process.stdin.on('error', () => done())
    process.stdin.resume()
  })
