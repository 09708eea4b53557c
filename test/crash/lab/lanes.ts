// Where every host's lane stands while a run is followed, as its events tell it.
import type { Place, Point } from '../point.js'
import type { Told } from './hold.js'

interface Standing extends Place {
  /** `applying`: no command of it went out yet. */
  readonly at: 'applying' | 'middle' | 'after'
}

export interface Lanes {
  /** The point that was reached with this event, if it is one. */
  take(told: Told): Point | null
  /** Whether this step is still in its middle. */
  isInMiddle(point: Point): boolean
  /** Points at which a fault strikes now, on every host or on this one. */
  struck(hosts: 'all' | { readonly host: string }): readonly Point[]
}

export const createLanes = (): Lanes => {
  const lanes = new Map<string, Standing>()
  const applying = (): readonly Standing[] => [...lanes.values()].filter(({ at }) => at === 'applying')
  const pointOf = ({ at, stage, host, step }: Standing): readonly Point[] =>
    at === 'applying' ? [] : [{ stage, host, step, moment: at }]
  const put = (standing: Standing): Point | null => {
    lanes.set(standing.host, standing)
    return pointOf(standing)[0] ?? null
  }
  return {
    take: (told) => {
      if (told.type === 'called') return null
      if (told.type === 'command') {
        // A step may work through another host (the leader); with one step at work alone it is known whose command it is.
        const own = lanes.get(told.host)
        const one = own?.at === 'applying' ? own : applying().length === 1 ? applying()[0] : undefined
        return one === undefined ? null : put({ ...one, at: 'middle' })
      }
      const { host, stage, step } = told
      if (told.type === 'step-applying') return put({ host, stage, step, at: 'applying' })
      const was = lanes.get(host)
      if (was?.step !== step || was.stage !== stage || was.at === 'after') return null
      if (told.verdict.kind === 'changed') return put({ host, stage, step, at: 'after' })
      lanes.delete(host)
      return null
    },
    isInMiddle: ({ stage, host, step }) => {
      const now = lanes.get(host)
      return now?.at === 'middle' && now.step === step && now.stage === stage
    },
    struck: (hosts) => [...lanes.values()].filter((one) => hosts === 'all' || one.host === hosts.host).flatMap(pointOf),
  }
}
