// Whose turn it is to shake hands: few at once with one SSH server, and not too many altogether (R-S5).
import { createSemaphore, type Semaphore } from './semaphore.js'

/** sshd drops connections that have not logged in when there are too many (MaxStartups, 10 by default). */
const atOneServer = 6
/** Key exchange is work for this machine, and its deadline runs for all of them. */
const altogether = 32

export interface Turns {
  /** Places at one server: the same one for the same address and port behind the same hosts. */
  server(endpoint: string): Semaphore
  readonly all: Semaphore
}

export const createTurns = (): Turns => {
  const servers = new Map<string, Semaphore>()
  return {
    server: (endpoint) => {
      const places = servers.get(endpoint) ?? createSemaphore(atOneServer)
      servers.set(endpoint, places)
      return places
    },
    all: createSemaphore(altogether),
  }
}
