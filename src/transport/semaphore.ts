// At most so many at once, first come first served.

/** Runs work when one of the places is free; gives the place back whatever the work does. */
export type Semaphore = <T>(work: () => Promise<T>) => Promise<T>

export const createSemaphore = (places: number): Semaphore => {
  let free = places
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
