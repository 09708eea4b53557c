// Requests to each host after login, as khactl's own last event counts them.
import { timed } from '../harness/process.js'
import { khactl, type BenchLab } from './open.js'

export const roundTripsOf = async (
  lab: BenchLab,
  args: readonly string[],
): Promise<Readonly<Record<string, number>>> => {
  const { stdout } = await timed(khactl(lab, 'up', '--yes', '--json', lab.inventory, ...args))
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  const { type, roundTrips } = JSON.parse(last) as {
    readonly type: string
    readonly roundTrips: Record<string, number>
  }
  if (type !== 'run-ended') throw new Error(`the last event is ${type}, not run-ended`)
  return roundTrips
}
