// At most so many at once, first come first served.

/** Runs work when one of the places is free; gives the place back whatever the work does. */
export interface Semaphore {
  <T>(work: () => Promise<T>): Promise<T>
  /** One place fewer from now on, but never none. */
  lower(): void
}

export const createSemaphore = (places: number): Semaphore => {
  let limit = places
  let taken = 0
  const waiting: (() => void)[] = []
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (taken < limit) taken += 1
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await work()
    } finally {
      // The place goes to the next one, unless there are fewer by now.
      const next = taken <= limit ? waiting.shift() : undefined
      if (next) next()
      else taken -= 1
    }
  }
  return Object.assign(run, { lower: () => void (limit = Math.max(1, limit - 1)) })
}
