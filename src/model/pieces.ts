// Work that is done piece by piece, for whoever has other things to do in between.

/** To its end, without a break. */
export const toTheEnd = <T>(work: Iterator<unknown, T>): T => {
  for (;;) {
    const piece = work.next()
    if (piece.done === true) return piece.value
  }
}

/** Milliseconds of work without a break. */
const slice = 5

/** To the end of what is done piece by piece, with a break whenever a slice of time has passed. */
export const inSlices = async <T>(work: Iterator<unknown, T>): Promise<T> => {
  for (let from = performance.now(); ;) {
    const piece = work.next()
    if (piece.done === true) return piece.value
    if (performance.now() - from < slice) continue
    await nextTurn()
    from = performance.now()
  }
}

/** Of a thousand at once the last would come seconds after the first, with no turn for anything else. */
const few = 10

/** One after the other, a few in each turn of the event loop. Not for promises: a generator waits for those. */
export async function* fewAtATime<T>(all: Iterable<T>): AsyncGenerator<T> {
  let given = 0
  for (const one of all) {
    if (given > 0 && given % few === 0) await nextTurn()
    given += 1
    yield one
  }
}

/** Of the event loop: whoever else has something to do comes before. */
export const nextTurn = (): Promise<void> => new Promise((turn) => setImmediate(turn))
