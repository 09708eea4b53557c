// What a whole list of events comes to.
import type { ExitClass } from '../../src/model/error.js'
import type { Event } from '../../src/model/event.js'
import { createRunExit } from '../../src/report/exit.js'

export const exitOf = (events: readonly Event[]): ExitClass => {
  const run = createRunExit()
  for (const event of events) run.take(event)
  return run.exit()
}
