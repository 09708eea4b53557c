// Every benchmark by its name, loaded when it is run. They are run in this order.
import type { Bench } from './harness/bench.js'

export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  clients: async () => (await import('./clients.js')).clients,
}
