// What one changed file costs its host in requests, beyond a run that changes nothing.
import type { BenchLab } from './open.js'
import { roundTripsOf } from './round-trips.js'

/** khactl keeps it on every host. */
export const keptFile = '/etc/sysctl.d/99-khactl.conf'

/** `args`: of `khactl up`. */
export const oneFile = async (lab: BenchLab, args: readonly string[]): Promise<number> => {
  const host = lab.hosts.find(({ group }) => group === 'worker')?.name ?? ''
  const idle = await roundTripsOf(lab, args)
  await lab.on(host, `echo '# not khactl' >>${keptFile}`)
  const mending = await roundTripsOf(lab, args)
  return (mending[host] ?? Number.NaN) - (idle[host] ?? Number.NaN)
}
