// Every benchmark by its name, loaded when it is run. They are run in this order.
import type { Bench } from './harness/bench.js'

export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  width: async () => (await import('./width.js')).width,
  display: async () => (await import('./display.js')).display,
  clients: async () => (await import('./clients.js')).clients,
  start: async () => (await import('./start.js')).start,
  noop: async () => (await import('./noop.js')).noop,
  change: async () => (await import('./change.js')).change,
  distance: async () => (await import('./distance.js')).distance,
  'noop-ha': async () => (await import('./noop-ha.js')).noopHa,
  fresh: async () => (await import('./fresh.js')).fresh,
}
